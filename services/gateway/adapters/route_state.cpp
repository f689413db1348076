#include "services/gateway/adapters/route_state.hpp"

#include "shared/http/message.hpp"

#include <format>
#include <string_view>
#include <tuple>
#include <utility>

namespace platform::gateway {
namespace {

/// What a route's settings say, for what the tree of the guards leaves open.
resilience::Retry::Options usual_retry(const Route& route) {
    constexpr double kDouble = 2;
    return {
        .max_attempts = 1 + route.retries,
        .wait_duration = std::chrono::milliseconds(25),
        .enable_exponential_backoff = true,
        .exponential_backoff_multiplier = kDouble,
        .exponential_max_wait_duration = std::chrono::milliseconds(250),
        .enable_randomized_wait = true,
    };
}

/// Requests wait in the queue of their route, not at the bulkhead.
resilience::Bulkhead& bulkhead_of(const Route& route, resilience::Kit& kit) {
    auto& bulkhead = kit.bulkhead(route.id, {.max_concurrent_calls = route.max_concurrent_calls});
    if (bulkhead.options().max_wait_duration == Duration::zero()) return bulkhead;
    throw config::SettingError(std::format(
        "resilience4j.bulkhead.instances.{}.maxWaitDuration: has to be 0 here; requests wait in the queue of the route "
        "(its QUEUE and TIMEOUT)",
        route.id
    ));
}

/// Spring Cloud Gateway's word for a class of status codes.
const char* outcome_of(int status) {
    constexpr int kClass = 100;
    switch (status / kClass) {
        case 1:
            return "INFORMATIONAL";
        case 2:
            return "SUCCESSFUL";
        case 3:
            return "REDIRECTION";
        case 4:
            return "CLIENT_ERROR";
        case 5:
            return "SERVER_ERROR";
        default:
            return "UNKNOWN";
    }
}

}  // namespace

RouteState::RouteState(
    Route route,
    Endpoints& endpoints,
    resilience::Kit& kit,
    const resilience::CircuitBreaker::Options& breaker,
    metrics::Registry& registry
)
    : route_(std::move(route)),
      endpoints_(endpoints),
      registry_(registry),
      breaker_(route_.breaker ? &kit.circuit_breaker(route_.id, breaker) : nullptr),
      bulkhead_(bulkhead_of(route_, kit)),
      retry_(kit.retry(route_.id, usual_retry(route_))),
      calls_(registry, route_.upstream) {}

bool RouteState::may_call() {
    return breaker_ == nullptr || breaker_->try_acquire();
}

void RouteState::on_result(CallResult result, Duration took) {
    if (breaker_ == nullptr) return;
    switch (judge(result)) {
        case BreakerVerdict::Success:
            breaker_->succeeded(took);
            break;
        case BreakerVerdict::Failure:
            breaker_->failed(took);
            break;
        case BreakerVerdict::Ignored:
            breaker_->ignored(took);
            break;
    }
}

void RouteState::on_call(const std::string& method, const Result<http::ClientResponse>& answer, Duration took) {
    calls_.sent(method, route_.pattern, answer, took);
}

void RouteState::on_tries(int tries, bool success) {
    retry_.done(tries, success);
}

void RouteState::on_answer(const std::string& method, int status, Duration took) {
    const auto make = [&] {
        return registry_.timer(
            "spring_cloud_gateway_requests_seconds",
            "Requests through a route, until the answer is handed to the client's connection",
            {{"routeId", route_.id},
             {"routeUri", "lb://" + route_.upstream},
             {"outcome", outcome_of(status)},
             {"status", std::string(http::reason_phrase(status))},
             {"httpStatusCode", std::to_string(status)},
             {"httpMethod", method}}
        );
    };
    answers_.get(std::tuple(std::string_view(method), status), make).record(took);
}

BreakerVerdict judge(CallResult result) {
    switch (result) {
        case CallResult::Answered:
            return BreakerVerdict::Success;
        case CallResult::Overloaded:
            return BreakerVerdict::Ignored;  // opening would turn shedding into an outage
        case CallResult::ServerError:
        case CallResult::NotSent:
        case CallResult::Lost:
        case CallResult::TimedOut:
        case CallResult::Unusable:
            return BreakerVerdict::Failure;
    }
    return BreakerVerdict::Failure;
}

}  // namespace platform::gateway
