#include "shared/http/server_metrics.hpp"

#include <string>
#include <tuple>

namespace platform::http {

std::string_view outcome_of(int status) {
    switch (status / 100) {
        case 1: return "INFORMATIONAL";
        case 2: return "SUCCESS";
        case 3: return "REDIRECTION";
        case 4: return "CLIENT_ERROR";
        case 5: return "SERVER_ERROR";
        default: return "UNKNOWN";
    }
}

ServerMetrics::ServerMetrics(metrics::Registry& registry)
    : registry_(registry),
      active_(registry.gauge("http_server_requests_active_seconds_active_count", "Requests that wait for their answer")),
      connections_(registry.gauge("http_server_connections", "Connections that are open")),
      refused_(registry.counter("http_server_connections_refused_total", "Connections refused for lack of room")),
      write_failures_(registry.counter("http_server_writes_given_up_total", "Answers cut off because the client read too slowly")) {}

void ServerMetrics::answered(
    std::string_view method, std::string_view uri, int status, std::string_view exception, Duration duration
) {
    const auto make = [&] {
        const metrics::Labels labels = {
            {"method", std::string(method)},   {"uri", std::string(uri)},
            {"status", std::to_string(status)}, {"outcome", std::string(outcome_of(status))},
            {"error", std::string(exception)}, {"exception", std::string(exception)},
        };
        return registry_.timer("http_server_requests_seconds", "Requests answered, by route and status", labels);
    };
    timers_.get(std::tuple(method, uri, status, exception), make).record(duration);
}

}  // namespace platform::http
