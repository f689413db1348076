#pragma once
#include "services/gateway/domain/endpoints.hpp"
#include "services/gateway/domain/retry.hpp"
#include "services/gateway/domain/route.hpp"
#include "shared/resilience/bulkhead.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/telemetry/metrics.hpp"

#include <string>

namespace platform::gateway {

/// What a route has beside its row: its breaker, its bulkhead, the pods that it calls, its metrics. Lives as
/// long as the registry is scraped. Thread-safe.
class RouteState {
public:
    RouteState(
        Route route,
        Endpoints& endpoints,
        const resilience::CircuitBreaker::Options& breaker,
        const Clock& clock,
        metrics::Registry& registry
    );
    RouteState(const RouteState&) = delete;
    RouteState& operator=(const RouteState&) = delete;

    [[nodiscard]] const Route& route() const { return route_; }
    [[nodiscard]] Endpoints& endpoints() { return endpoints_; }
    [[nodiscard]] resilience::Bulkhead& bulkhead() { return bulkhead_; }

    /// False when the breaker refuses the call. Each true is followed by one on_result().
    [[nodiscard]] bool may_call();
    void on_result(CallResult result, Duration took);
    /// Once for each request that was tried at all.
    void on_tries(int tries, bool success);
    void on_answer(const std::string& method, int status, Duration took);

private:
    const Route route_;
    Endpoints& endpoints_;
    metrics::Registry& registry_;
    resilience::CircuitBreaker breaker_;
    resilience::Bulkhead bulkhead_;
    metrics::Timer successful_;
    metrics::Timer failed_;
    metrics::Timer ignored_;
    metrics::Counter done_at_once_;
    metrics::Counter done_after_retry_;
    metrics::Counter failed_at_once_;
    metrics::Counter failed_after_retry_;
};

/// Whether the breaker counts the result against the service; nothing when it says nothing about it.
enum class BreakerVerdict : unsigned char { Success, Failure, Ignored };
[[nodiscard]] BreakerVerdict judge(CallResult result);

}  // namespace platform::gateway
