#pragma once
#include "shared/mysql/migrations.hpp"

#include <vector>

namespace platform::inventory {

/// The versions of inventory_db, oldest first. A released one is never edited.
[[nodiscard]] std::vector<mysql::Migration> migrations();

}  // namespace platform::inventory
