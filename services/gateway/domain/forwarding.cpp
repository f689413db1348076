#include "services/gateway/domain/forwarding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

namespace platform::gateway {
namespace {

constexpr std::array<std::string_view, 9> kHopByHop{
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};
/// The framing of the body is made anew by the client library and by the server.
constexpr std::array<std::string_view, 3> kFraming{"content-length", "expect", "host"};

/// What only a proxy in front of us could say truthfully, and we trust none.
bool claims_origin(std::string_view name) {
    return name.starts_with("x-forwarded-") || name == "forwarded" || name == "x-real-ip" ||
           name == "x-request-id" || name == "x-correlation-id" || name == "traceparent";
}

/// True when the call is a hop of the trace that the client named.
bool same_trace(const HeaderMap& received, const std::string& hop) {
    constexpr std::size_t kBehindTrace = 36;
    const auto found = received.find("traceparent");
    return found != received.end() && found->second.size() > kBehindTrace && hop.size() > kBehindTrace &&
           found->second.compare(2, kBehindTrace - 2, hop, 2, kBehindTrace - 2) == 0;
}

/// The headers that a Connection header names.
std::set<std::string> named_by_connection(const HeaderMap& headers) {
    std::set<std::string> names;
    const auto found = headers.find("connection");
    if (found == headers.end()) return names;
    std::string name;
    for (const char c : found->second + ",") {
        if (c == ',') {
            if (!name.empty()) names.insert(name);
            name.clear();
        } else if (c != ' ' && c != '\t') {
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return names;
}

template <class Drop>
HeaderList kept(const HeaderMap& received, Drop drop) {
    const auto named = named_by_connection(received);
    HeaderList headers;
    for (const auto& [name, value] : received) {
        if (std::ranges::contains(kHopByHop, name) || std::ranges::contains(kFraming, name) ||
            named.contains(name))
            continue;
        if (!drop(name)) headers.emplace_back(name, value);
    }
    return headers;
}

}  // namespace

HeaderList upstream_headers(const HeaderMap& received, const ForwardedBy& by) {
    const bool traced = same_trace(received, by.traceparent);
    auto headers = kept(received, [traced](std::string_view name) {
        return claims_origin(name) || (name == "tracestate" && !traced);
    });
    headers.emplace_back("X-Forwarded-For", by.client);
    headers.emplace_back("X-Forwarded-Proto", "http");
    if (const auto host = received.find("host"); host != received.end())
        headers.emplace_back("X-Forwarded-Host", host->second);
    headers.emplace_back("X-Correlation-Id", by.correlation_id);
    headers.emplace_back("X-Request-Id", by.request_id);
    if (!by.traceparent.empty()) headers.emplace_back("traceparent", by.traceparent);
    return headers;
}

HeaderList downstream_headers(const HeaderMap& received) {
    return kept(received, [](std::string_view name) {
        return name == "content-type" || name == "date" || name == "server" || name == "x-correlation-id" ||
               name == "x-request-id";
    });
}

}  // namespace platform::gateway
