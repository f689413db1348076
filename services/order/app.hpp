#pragma once
#include "shared/service/program.hpp"

namespace platform::order {

/// The order service, for main and for tests that run it whole.
[[nodiscard]] service::Program program();

}  // namespace platform::order
