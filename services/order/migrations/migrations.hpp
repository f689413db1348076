#pragma once
#include "shared/mysql/migrations.hpp"

#include <vector>

namespace platform::order {

/// The versions of orders_db, oldest first. A released one is never edited.
[[nodiscard]] std::vector<mysql::Migration> migrations();

}  // namespace platform::order
