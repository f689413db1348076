#pragma once
#include "shared/service/program.hpp"

namespace platform::inventory {

/// The inventory service, for main and for tests that run it whole.
[[nodiscard]] service::Program program();

}  // namespace platform::inventory
