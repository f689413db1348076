#include "services/gateway/adapters/route_state.hpp"

#include "shared/http/message.hpp"
#include "shared/resilience/metrics.hpp"

#include <utility>

namespace platform::gateway {
namespace {

metrics::Timer call_timer(metrics::Registry& registry, const std::string& name, const char* kind) {
    return registry.timer(
        "resilience4j_circuitbreaker_calls_seconds",
        "Calls behind the circuit breaker",
        {{"name", name}, {"kind", kind}}
    );
}

metrics::Counter retry_counter(metrics::Registry& registry, const std::string& name, const char* kind) {
    return registry.counter(
        "resilience4j_retry_calls_total",
        "Requests by how many tries they took",
        {{"name", name}, {"kind", kind}}
    );
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
    const resilience::CircuitBreaker::Options& breaker,
    const Clock& clock,
    metrics::Registry& registry
)
    : route_(std::move(route)),
      endpoints_(endpoints),
      registry_(registry),
      breaker_(route_.id, breaker, clock),
      bulkhead_(route_.id, route_.max_concurrent_calls),
      successful_(call_timer(registry, route_.id, "successful")),
      failed_(call_timer(registry, route_.id, "failed")),
      ignored_(call_timer(registry, route_.id, "ignored")),
      done_at_once_(retry_counter(registry, route_.id, "successful_without_retry")),
      done_after_retry_(retry_counter(registry, route_.id, "successful_with_retry")),
      failed_at_once_(retry_counter(registry, route_.id, "failed_without_retry")),
      failed_after_retry_(retry_counter(registry, route_.id, "failed_with_retry")) {
    if (route_.breaker) resilience::publish(registry, breaker_);
    resilience::publish(registry, bulkhead_);
}

bool RouteState::may_call() {
    return !route_.breaker || breaker_.try_acquire();
}

void RouteState::on_result(CallResult result, Duration took) {
    const BreakerVerdict verdict = judge(result);
    switch (verdict) {
        case BreakerVerdict::Success:
            successful_.record(took);
            break;
        case BreakerVerdict::Failure:
            failed_.record(took);
            break;
        case BreakerVerdict::Ignored:
            ignored_.record(took);
            break;
    }
    if (!route_.breaker) return;
    switch (verdict) {
        case BreakerVerdict::Success:
            breaker_.succeeded(took);
            break;
        case BreakerVerdict::Failure:
            breaker_.failed(took);
            break;
        case BreakerVerdict::Ignored:
            breaker_.ignored();
            break;
    }
}

void RouteState::on_tries(int tries, bool success) {
    if (success) {
        (tries > 1 ? done_after_retry_ : done_at_once_).add();
    } else {
        (tries > 1 ? failed_after_retry_ : failed_at_once_).add();
    }
}

void RouteState::on_answer(const std::string& method, int status, Duration took) {
    registry_
        .timer(
            "spring_cloud_gateway_requests_seconds",
            "Requests through a route, until the answer is handed to the client's connection",
            {{"routeId", route_.id},
             {"routeUri", "lb://" + route_.upstream},
             {"outcome", outcome_of(status)},
             {"status", std::string(http::reason_phrase(status))},
             {"httpStatusCode", std::to_string(status)},
             {"httpMethod", method}}
        )
        .record(took);
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
