#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/simulation/database.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace platform::simulation {

/// inventory_db. One thread.
class InventoryDatabase : public Database {
public:
    using Database::Database;
    [[nodiscard]] const inventory::Reservation* find(const OrderId& order) const;
    void write(const inventory::Reservation& reservation);
    void write(const inventory::Item& item);
    void write(std::span<const inventory::LedgerEntry> entries);
    /// Adds a product that is new, with its stock as first movement.
    void seed(const inventory::Item& item);
    [[nodiscard]] std::int64_t ledger_sum(const std::string& product) const;
    /// Of every product: the ledger has to tell how its stock came about.
    void check_ledger();

    std::map<std::string, inventory::Item> items;
    std::vector<inventory::LedgerRow> ledger;

private:
    std::unordered_map<OrderId, inventory::Reservation> reservations_;
};

/// Does what the MySQL adapter does, step by step.
class SimulatedInventoryStore final : public inventory::InventoryStore {
public:
    SimulatedInventoryStore(Session session, InventoryDatabase& database, outbox::Relay& relay)
        : session_(session), database_(database), relay_(relay) {}
    [[nodiscard]] Result<void> apply(std::span<const events::Event> batch, const Change& change) override;
    [[nodiscard]] Result<std::optional<inventory::Item>> find(const std::string& product_id) override;
    [[nodiscard]] Result<std::vector<inventory::Item>> list(const std::string& after, std::size_t limit) override;
    [[nodiscard]] Result<void> seed(std::span<const inventory::Item> items) override;

private:
    Session session_;
    InventoryDatabase& database_;
    outbox::Relay& relay_;
};

}  // namespace platform::simulation
