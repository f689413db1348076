#include "shared/http/client_metrics.hpp"

#include "shared/http/server_metrics.hpp"

#include <mutex>
#include <utility>

namespace platform::http {

ClientMetrics::ClientMetrics(metrics::Registry& registry, std::string client_name)
    : registry_(registry), client_name_(std::move(client_name)) {}

void ClientMetrics::sent(std::string_view method, std::string_view uri, const Result<ClientResponse>& answer, Duration took) {
    const std::string status = answer ? std::to_string(answer->status) : "CLIENT_ERROR";
    const std::string exception(answer ? "none" : to_string(answer.error().kind));
    {
        const std::shared_lock lock(mutex_);
        const auto found = timers_.find(View(method, uri, status, exception));
        if (found != timers_.end()) return found->second.record(took);
    }
    const metrics::Labels labels = {
        {"client_name", client_name_}, {"method", std::string(method)},
        {"uri", std::string(uri)},     {"status", status},
        {"error", exception},          {"outcome", answer ? std::string(outcome_of(answer->status)) : "UNKNOWN"},
        {"exception", exception},
    };
    const metrics::Timer timer = registry_.timer("http_client_requests_seconds", "Calls of other services over HTTP", labels);
    timer.record(took);
    const std::unique_lock lock(mutex_);
    timers_.emplace(Key(method, uri, status, exception), timer);
}

}  // namespace platform::http
