#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/config/settings.hpp"

#include <vector>

namespace platform::inventory {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    std::vector<Item> seed;
    bool admin_open = false;  ///< changes by hand on the public port too
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::inventory
