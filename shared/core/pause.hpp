#pragma once
#include "shared/core/clock.hpp"

#include <stop_token>

namespace platform {

/// Blocks this thread for `length` of the machine's time, or until `stop` is requested. For waits that nothing else can cut short. Thread-safe.
void pause(Duration length, const std::stop_token& stop = {});

}  // namespace platform
