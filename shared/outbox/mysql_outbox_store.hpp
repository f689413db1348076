#pragma once
#include "shared/mysql/pool.hpp"
#include "shared/outbox/outbox.hpp"

#include <memory>

namespace platform::outbox {

[[nodiscard]] std::unique_ptr<OutboxStore> make_mysql_outbox_store(mysql::Pool& pool);

}  // namespace platform::outbox
