#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace platform::gateway {

using HeaderMap = std::map<std::string, std::string>;  ///< names in lower case
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// What the gateway itself knows of a request.
struct ForwardedBy {
    std::string client;  ///< address of the peer
    std::string correlation_id;
    std::string request_id;   ///< the same one for all tries of a request
    std::string traceparent{};  ///< our hop of the trace
};

/// The headers of the call to the pod. What belongs to the client's connection is left out (RFC 9110 §7.6.1),
/// and whatever the client says about where it comes from is replaced by what we see:
/// X-Forwarded-For|Proto|Host, X-Request-Id, X-Correlation-Id. The trace goes on with our hop; `tracestate` belongs to the
/// client's trace and goes with it only.
[[nodiscard]] HeaderList upstream_headers(const HeaderMap& received, const ForwardedBy& by);

/// The headers of the answer to the client, without the connection's, the body's and those that our server
/// writes itself.
[[nodiscard]] HeaderList downstream_headers(const HeaderMap& received);

}  // namespace platform::gateway
