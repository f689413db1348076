#pragma once
#include "operator/kube/credentials.hpp"
#include "operator/kube/transport.hpp"

#include <memory>
#include <string>

namespace platform::kube {

/// HttpTransport on cpprestsdk. What it does about that library's traps is in the README of this room.
/// Thread-safe.
class RestTransport final : public HttpTransport {
public:
    struct Options {
        std::string base_url;  ///< https://10.96.0.1:443
        std::string
            ca_file;  ///< read for each new connection, so a renewed one counts; empty = the system's store
        Duration timeout = std::chrono::seconds(15);  ///< between two signs of life of an answer
        Duration stream_timeout =
            std::chrono::seconds(305);  ///< the same for streams; above the server's own limit
    };
    static constexpr int kThreads = 4;
    static constexpr std::size_t kMaxLineBytes = 8 * 1024 * 1024;

    /// Throws std::runtime_error on an unusable URL. The token file must outlive it.
    RestTransport(Options options, TokenFile& token);
    ~RestTransport() override;

    [[nodiscard]] Result<Response> send(const Request& request) override;
    [[nodiscard]] Result<StreamEnd> stream(
        const Request& request,
        const std::function<bool(std::string&&)>& on_line,
        const std::stop_token& stop
    ) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::kube
