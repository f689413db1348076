#pragma once
#include "shared/service/program.hpp"

namespace platform::notification {

/// The notification service, for main and for tests that run it whole.
[[nodiscard]] service::Program program();

}  // namespace platform::notification
