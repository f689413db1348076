#pragma once
#include "shared/mysql/pool.hpp"
#include "shared/mysql/sql.hpp"
#include "shared/outbox/outbox.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace platform::outbox {

[[nodiscard]] std::unique_ptr<OutboxStore> make_mysql_outbox_store(mysql::Pool& pool);

/// What claim_expired() reads and locks; here so that a test can ask the server how it finds the rows.
[[nodiscard]] mysql::Sql select_expired(std::size_t limit);

/// Ends the claims of earlier processes of the same instance (owners "<instance>:..."), which are dead when a new one starts, so that what they left is sent at once.
[[nodiscard]] Result<void> release_predecessors(mysql::Session& session, const std::string& instance);

}  // namespace platform::outbox
