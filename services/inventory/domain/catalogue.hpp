#pragma once
#include "services/inventory/domain/item.hpp"
#include "services/inventory/domain/ledger.hpp"
#include "services/inventory/domain/reservation.hpp"
#include "shared/core/clock.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What people change by hand: the catalogue and its stock. Pure.
namespace platform::inventory {

/// More pieces than any shelf holds; keeps sums far from 64 bits.
inline constexpr std::int64_t kMostPieces = 1'000'000'000'000;

/// A whole product as its owner wants it; what is left out is cleared.
struct ProductWanted {
    std::string product_id;
    std::string name;
    std::optional<Money> price;
    std::string currency{events::kDefaultCurrency};
    std::int64_t low_mark = 0;
    std::int64_t initial_stock = 0;  ///< of a product that is new; the stock of others is left alone
};

/// A change of stock by hand, named by a key of the caller's so that it happens once.
struct AdjustmentWanted {
    enum class Kind : std::uint8_t { Delta, SetTo };
    std::string key;
    std::string product_id;
    Kind kind = Kind::Delta;
    std::int64_t amount = 0;
    std::string reason;

    friend bool operator==(const AdjustmentWanted&, const AdjustmentWanted&) = default;
};
/// The same with what came of it; kept for ever.
struct Adjustment {
    AdjustmentWanted wanted;
    std::int64_t delta = 0;
    std::int64_t available = 0;  ///< after it
    std::int64_t revision = 0;   ///< of the product, after it
    WallTime made_at;

    friend bool operator==(const Adjustment&, const Adjustment&) = default;
};

/// What a change leaves behind besides the product itself.
struct ItemEffects {
    std::vector<events::Event> events;
    std::vector<LedgerEntry> ledger;
    std::optional<Adjustment> adjustment;  ///< to keep
};

/// Makes `item` what is wanted (absent: it is new) and tells of it; nothing happens when it is so already.
[[nodiscard]] ItemEffects
put(const ProductWanted& wanted, std::optional<Item>& item, const std::string& correlation_id, const Stamp& stamp);

struct NoSuchProduct {};
struct KeyReused {};  ///< the key belongs to another request
struct NotEnough {
    std::int64_t available = 0;
};
struct TooMany {};
struct Adjusted {
    Adjustment adjustment;
    bool replayed = false;  ///< it had been made before; nothing happened now
    ItemEffects effects;
};
using AdjustmentRefused = std::variant<NoSuchProduct, KeyReused, NotEnough, TooMany>;

/// Changes the stock of `item`, given the adjustment that was made under the same key, if any. Stock is never negative.
[[nodiscard]] std::expected<Adjusted, AdjustmentRefused> adjust(
    const AdjustmentWanted& wanted,
    const std::optional<Adjustment>& earlier,
    std::optional<Item>& item,
    const std::string& correlation_id,
    const Stamp& stamp
);

}  // namespace platform::inventory
