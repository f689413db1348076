#pragma once
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/telemetry/log.hpp"

#include <optional>
#include <string_view>

/// What the bodies of actuator writes ask for. Nothing when they are not understood, which is a 400. Never throw.
namespace platform::http {

/// {"configuredLevel": "DEBUG"}; `usual` for null and for {}.
[[nodiscard]] std::optional<log::Level> read_level(std::string_view body, log::Level usual);

/// {"updateState": "CLOSE"}, or FORCE_OPEN or DISABLE.
[[nodiscard]] std::optional<resilience::CircuitBreaker::State> read_breaker_state(std::string_view body);

}  // namespace platform::http
