#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <string>

namespace platform::inventory {

/// Stock in MySQL, with inbox and outbox in the same transaction. Locks reservations by order id, then products by id, each sorted over the whole batch, so that two
/// batches cannot wait for each other. Thread-safe.
class MysqlInventoryStore final : public InventoryStore {
public:
    struct Options {
        std::string group = "inventory-service";
        std::string topic = "inventory.events";
    };
    MysqlInventoryStore(Options options, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<void> apply(std::span<const events::Event> batch, const Change& change) override;
    [[nodiscard]] Result<std::optional<Item>> find(const std::string& product_id) override;
    [[nodiscard]] Result<std::vector<Item>> list(const std::string& after, std::size_t limit) override;
    [[nodiscard]] Result<void> seed(std::span<const Item> items) override;

private:
    Options options_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
};

/// The seed itself, in a session of its own: for the program's --migrate.
[[nodiscard]] Result<void> seed_items(mysql::Session& session, std::span<const Item> items);

}  // namespace platform::inventory
