#pragma once
#include "shared/resilience/bulkhead.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/telemetry/metrics.hpp"

namespace platform::resilience {

/// Publishes the state under Resilience4j's Micrometer names (resilience4j_circuitbreaker_state, ..._bulkhead_available_concurrent_calls, ...).
/// The object must outlive the registry's last scrape.
void publish(metrics::Registry& registry, const CircuitBreaker& breaker);
void publish(metrics::Registry& registry, const Bulkhead& bulkhead);

}  // namespace platform::resilience
