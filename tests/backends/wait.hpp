#pragma once
#include "shared/core/clock.hpp"

#include <functional>

namespace platform::test {

/// Asks `condition` again and again, some 100 times a second, until it holds. False when it does not hold
/// within `limit`.
[[nodiscard]] bool
wait_until(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(20));

/// A TCP port of 127.0.0.1 that nobody listens on right now.
[[nodiscard]] std::uint16_t free_port();

/// True when somebody accepts connections on this port of 127.0.0.1.
[[nodiscard]] bool port_answers(std::uint16_t port);

}  // namespace platform::test
