#pragma once
#include "services/inventory/domain/catalogue.hpp"
#include "shared/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace platform::inventory {

/// A row of the ledger as it is read back.
struct MovementRecord {
    std::int64_t id = 0;
    LedgerRow row;
    WallTime at;
};

/// Port: the catalogue, changed by hand. Thread-safe.
class CatalogueStore {
public:
    CatalogueStore() = default;
    CatalogueStore(const CatalogueStore&) = delete;
    CatalogueStore& operator=(const CatalogueStore&) = delete;
    virtual ~CatalogueStore() = default;

    /// Decides on a product that is locked (absent: there is none) and on the adjustment stored under the key that change() was given.
    using Change = std::function<ItemEffects(std::optional<Item>& item, const std::optional<Adjustment>& earlier)>;
    /// One transaction: locks, lets `decide` decide, stores product, adjustment, ledger and events, commits, hands the events to the relay. `key` "": no
    /// adjustment is looked for. `decide` runs again when another change was faster, so it has to be repeatable. Unavailable when others were faster each time.
    [[nodiscard]] virtual Result<void>
    change(const std::string& product_id, const std::string& key, const Change& decide) = 0;

    /// The newest first, older than `before` (0: from the newest), at most `limit`.
    [[nodiscard]] virtual Result<std::vector<MovementRecord>>
    movements(const std::string& product_id, std::int64_t before, std::size_t limit) = 0;
};

}  // namespace platform::inventory
