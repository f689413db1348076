#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <functional>
#include <map>
#include <stop_token>
#include <string>

namespace platform::kube {

struct Request {
    std::string method = "GET";
    std::string target{};  ///< path and query, percent-encoded
    std::string content_type = "application/json";
    std::string body{};
    std::string bearer_token{};  ///< empty = the transport's own credentials
};

struct Response {
    int status = 0;
    std::string body{};
    std::map<std::string, std::string> headers{};  ///< names in lower case
};

/// How a stream ended. Every end is normal: the caller resumes where it was.
struct StreamEnd {
    int status = 0;  ///< of the answer; not 200 = nothing was streamed and `body` says why
    std::string body{};
    std::size_t lines = 0;
};

/// Port to the API server, the only thing that knows an HTTP library. An HTTP status is a value, not an
/// error. Thread-safe.
class HttpTransport {
public:
    HttpTransport() = default;
    HttpTransport(const HttpTransport&) = delete;
    HttpTransport& operator=(const HttpTransport&) = delete;
    virtual ~HttpTransport() = default;

    /// Errors: Unavailable (not connected, or lost: then `outcome_unknown`), Timeout (outcome unknown). A
    /// library may send a request again when a kept connection turns out to be closed, POST included, so a
    /// change has to bear being repeated.
    [[nodiscard]] virtual Result<Response> send(const Request& request) = 0;

    /// Hands each line of an answer to `on_line` as soon as it is there, until the server ends it, nothing
    /// came for the idle limit, `on_line` gives false or `stop` is requested. Errors as send(), for the time
    /// before the answer's head; later losses are an end.
    [[nodiscard]] virtual Result<StreamEnd> stream(
        const Request& request,
        const std::function<bool(std::string&&)>& on_line,
        const std::stop_token& stop
    ) = 0;
};

}  // namespace platform::kube
