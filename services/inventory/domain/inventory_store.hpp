#pragma once
#include "services/inventory/domain/item.hpp"
#include "services/inventory/domain/reservation.hpp"
#include "shared/core/result.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace platform::inventory {

/// Port: stock, reservations and ledger with their inbox and outbox. Thread-safe.
class InventoryStore {
public:
    InventoryStore() = default;
    InventoryStore(const InventoryStore&) = delete;
    InventoryStore& operator=(const InventoryStore&) = delete;
    virtual ~InventoryStore() = default;

    using Change = std::function<Effects(const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks)>;
    /// One transaction: admits the events that are new (by the inbox where is_answered()), in their order applies `change` to each with its reservation and all products of
    /// the batch locked, stores reservations with their lines, stock, ledger (as ledger_rows()) and answers, commits, then hands the answers to the relay. All or nothing. Unavailable also when another process made the same reservation meanwhile.
    [[nodiscard]] virtual Result<void> apply(std::span<const events::Event> batch, const Change& change) = 0;

    [[nodiscard]] virtual Result<std::optional<Item>> find(const std::string& product_id) = 0;
    /// In order of product id, after `after`, at most `limit`.
    [[nodiscard]] virtual Result<std::vector<Item>> list(const std::string& after, std::size_t limit) = 0;
    /// Adds products that do not exist yet, with their stock as first movement; leaves the others alone.
    [[nodiscard]] virtual Result<void> seed(std::span<const Item> items) = 0;
};

}  // namespace platform::inventory
