#pragma once
#include "shared/mysql/migrations.hpp"

#include <vector>

namespace platform::payment {

/// The versions of payments_db, oldest first. A released one is never edited.
[[nodiscard]] std::vector<mysql::Migration> migrations();

}  // namespace platform::payment
