#pragma once
#include "shared/http/server.hpp"
#include "shared/resilience/kit.hpp"
#include "shared/runtime/health.hpp"

namespace platform::http {

/// Resilience4j's actuator endpoints in its JSON shapes. On both servers:
///   GET  /actuator/circuitbreakers, /actuator/retries, /actuator/bulkheads, /actuator/ratelimiters, /actuator/timelimiters
/// and on `management` alone:
///   POST /actuator/circuitbreakers/:name  {"updateState": "CLOSE" | "FORCE_OPEN" | "DISABLE"}
/// Call before the servers start; `kit` must outlive them.
void declare_resilience(Server& api, Server& management, resilience::Kit& kit);

/// The health component `circuitBreakers` with the state of every breaker that has registerHealthIndicator; DOWN while one of them that has
/// allowHealthIndicatorToFail as well is open. Nothing when there is none. Call when all breakers are made.
void add_breakers_health(Health& health, resilience::Kit& kit);

}  // namespace platform::http
