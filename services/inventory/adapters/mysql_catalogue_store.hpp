#pragma once
#include "services/inventory/domain/catalogue_store.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <string>

namespace platform::inventory {

/// The catalogue in MySQL, with its events in the outbox of the same transaction. Locks one product, as the reservations do. Thread-safe.
class MysqlCatalogueStore final : public CatalogueStore {
public:
    MysqlCatalogueStore(std::string topic, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<void>
    change(const std::string& product_id, const std::string& key, const Change& decide) override;
    [[nodiscard]] Result<std::vector<MovementRecord>>
    movements(const std::string& product_id, std::int64_t before, std::size_t limit) override;

private:
    [[nodiscard]] Result<void>
    try_change(const std::string& product_id, const std::string& key, const Change& decide);

    std::string topic_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
};

}  // namespace platform::inventory
