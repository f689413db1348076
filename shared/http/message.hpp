#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::http {

/// A request that passed the strict framing of the server. Immutable for handlers.
struct Request {
    std::string method;  ///< "GET", "POST", ...
    std::string path;    ///< percent-decoded once, always starts with '/', no "." or ".." segments, no control characters
    std::string target;  ///< as received, path and query, for proxying
    std::string route;   ///< the matched template, "/api/orders/:id"; for metrics
    std::map<std::string, std::string> params;   ///< ":id" is params["id"]
    std::map<std::string, std::string> query;    ///< percent-decoded; a repeated key is refused with 400
    std::map<std::string, std::string> headers;  ///< names in lower case; repeated ones joined by ", "
    std::string body;
    std::string remote;          ///< peer address without port
    std::string correlation_id;  ///< from X-Correlation-Id when valid, else made by the server

    [[nodiscard]] std::optional<std::string> header(std::string_view lower_case_name) const {
        const auto found = headers.find(std::string(lower_case_name));
        if (found == headers.end()) return std::nullopt;
        return found->second;
    }
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  ///< further ones; no control characters
};

[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace platform::http
