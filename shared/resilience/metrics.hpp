#pragma once
#include "shared/resilience/bulkhead.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/resilience/rate_limiter.hpp"
#include "shared/resilience/retry.hpp"
#include "shared/resilience/time_limiter.hpp"
#include "shared/telemetry/metrics.hpp"

namespace platform::resilience {

/// Publishes the state under Resilience4j's Micrometer names (resilience4j_circuitbreaker_state, ..._bulkhead_available_concurrent_calls, ...).
/// The object must outlive the registry's last scrape. Call before the object is used.
void publish(metrics::Registry& registry, CircuitBreaker& breaker);
void publish(metrics::Registry& registry, const Retry& retry);
void publish(metrics::Registry& registry, const Bulkhead& bulkhead);
void publish(metrics::Registry& registry, RateLimiter& limiter);
void publish(metrics::Registry& registry, const TimeLimiter& limiter);

}  // namespace platform::resilience
