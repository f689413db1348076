#include "shared/http/client_metrics.hpp"

#include "shared/http/server_metrics.hpp"

#include <string>
#include <tuple>
#include <utility>

namespace platform::http {

ClientMetrics::ClientMetrics(metrics::Registry& registry, std::string client_name)
    : registry_(registry), client_name_(std::move(client_name)) {}

void ClientMetrics::sent(std::string_view method, std::string_view uri, const Result<ClientResponse>& answer, Duration took) {
    constexpr int kNone = 0;
    const int status = answer ? answer->status : kNone;
    const std::string_view exception = answer ? "none" : to_string(answer.error().kind);
    const auto make = [&] {
        const metrics::Labels labels = {
            {"client_name", client_name_},
            {"method", std::string(method)},
            {"uri", std::string(uri)},
            {"status", answer ? std::to_string(status) : "CLIENT_ERROR"},
            {"outcome", answer ? std::string(outcome_of(status)) : "UNKNOWN"},
            {"error", std::string(exception)},
            {"exception", std::string(exception)},
        };
        return registry_.timer("http_client_requests_seconds", "Calls of other services over HTTP", labels);
    };
    timers_.get(std::tuple(method, uri, status, exception), make).record(took);
}

}  // namespace platform::http
