#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace platform::http {

struct ClientRequest {
    std::string method = "GET";
    std::string url;  ///< http://host:port/path?query
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Duration connect_timeout = std::chrono::seconds(1);
    Duration timeout = std::chrono::seconds(5);  ///< for everything together
    std::size_t max_response_bytes = 4 * 1024 * 1024;
};
struct ClientResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// A libcurl handle with its kept-alive connections. No redirects, no proxy from the environment, no other protocol than http and https.
/// Note: libcurl sends a request again when a kept-alive connection turns out to be closed before any answer, POST included; the receiver has to
/// be idempotent. One thread at a time.
class Client {
public:
    Client();
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Any HTTP status is a value. Errors: Unavailable (`outcome_unknown` false: not connected, nothing was sent; true: connection lost later),
    /// Timeout (outcome unknown unless it was the connection's), Invalid (URL), Internal.
    [[nodiscard]] Result<ClientResponse> send(const ClientRequest& request);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
