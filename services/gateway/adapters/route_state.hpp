#pragma once
#include "services/gateway/domain/endpoints.hpp"
#include "services/gateway/domain/retry.hpp"
#include "services/gateway/domain/route.hpp"
#include "shared/http/client_metrics.hpp"
#include "shared/resilience/kit.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/telemetry/timer_table.hpp"

#include <string>
#include <tuple>

namespace platform::gateway {

/// What a route has beside its row: its guards (named like the route), the pods that it calls, its metrics.
/// Lives as long as the registry is scraped. Thread-safe.
class RouteState {
public:
    RouteState(
        Route route,
        Endpoints& endpoints,
        resilience::Kit& kit,
        const resilience::CircuitBreaker::Options& breaker,
        metrics::Registry& registry
    );
    RouteState(const RouteState&) = delete;
    RouteState& operator=(const RouteState&) = delete;

    [[nodiscard]] const Route& route() const { return route_; }
    [[nodiscard]] Endpoints& endpoints() { return endpoints_; }
    [[nodiscard]] resilience::Bulkhead& bulkhead() { return bulkhead_; }
    [[nodiscard]] resilience::Retry& retry() { return retry_; }

    /// False when the breaker refuses the call. Each true is followed by one on_result().
    [[nodiscard]] bool may_call();
    void on_result(CallResult result, Duration took);
    /// Once for each call of a pod.
    void on_call(const std::string& method, const Result<http::ClientResponse>& answer, Duration took);
    /// Once for each request that was tried at all.
    void on_tries(int tries, bool success);
    void on_answer(const std::string& method, int status, Duration took);

private:
    const Route route_;
    Endpoints& endpoints_;
    metrics::Registry& registry_;
    resilience::CircuitBreaker* breaker_;  // null when the route has none
    resilience::Bulkhead& bulkhead_;
    resilience::Retry& retry_;
    http::ClientMetrics calls_;
    metrics::TimerTable<std::tuple<std::string, int>> answers_;  // by method and status
};

/// Whether the breaker counts the result against the service; nothing when it says nothing about it.
enum class BreakerVerdict : unsigned char { Success, Failure, Ignored };
[[nodiscard]] BreakerVerdict judge(CallResult result);

}  // namespace platform::gateway
