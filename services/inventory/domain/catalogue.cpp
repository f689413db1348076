#include "services/inventory/domain/catalogue.hpp"

#include <utility>

namespace platform::inventory {
namespace {

events::Event tell(events::Payload payload, const std::string& correlation_id, const Stamp& stamp) {
    return {
        .metadata =
            {.event_id = EventId{stamp.next_id()},
             .correlation_id = correlation_id,
             .causation_id = std::nullopt,
             .occurred_at = stamp.now,
             .source_service = "inventory-service",
             .version = events::kVersion},
        .order_id = {},
        .payload = std::move(payload),
    };
}

/// The events of a product that was changed by hand.
std::vector<events::Event> tell_of(
    const Item& item,
    bool was_low,
    std::int64_t delta,
    const std::string& reason,
    const std::string& correlation_id,
    const Stamp& stamp
) {
    std::vector<events::Event> events;
    const events::InventoryAdjusted adjusted{
        .product_id = item.product_id,
        .revision = item.revision,
        .available = item.available,
        .delta = delta,
        .reason = reason,
        .name = item.name,
        .price = item.price,
        .currency = item.currency,
    };
    events.push_back(tell(adjusted, correlation_id, stamp));
    if (!was_low && item.low()) {
        const events::StockLow low{
            .product_id = item.product_id, .available = item.available, .low_mark = item.low_mark
        };
        events.push_back(tell(low, correlation_id, stamp));
    }
    return events;
}

}  // namespace

ItemEffects
put(const ProductWanted& wanted, std::optional<Item>& item, const std::string& correlation_id, const Stamp& stamp) {
    const bool is_new = !item;
    const bool was_low = item && item->low();
    Item next = item.value_or(Item{.product_id = wanted.product_id, .available = wanted.initial_stock});
    next.name = wanted.name;
    next.price = wanted.price;
    next.currency = wanted.currency;
    next.low_mark = wanted.low_mark;
    ItemEffects effects;
    if (item == next) return effects;
    next.revision += 1;
    const std::int64_t delta = is_new ? next.available : 0;
    if (is_new) {
        effects.ledger.push_back(
            {.product_id = next.product_id, .order_id = {}, .delta = delta, .movement = Movement::Initial}
        );
    }
    effects.events = tell_of(next, was_low, delta, is_new ? "new product" : "catalogue", correlation_id, stamp);
    item = std::move(next);
    return effects;
}

std::expected<Adjusted, AdjustmentRefused> adjust(
    const AdjustmentWanted& wanted,
    const std::optional<Adjustment>& earlier,
    std::optional<Item>& item,
    const std::string& correlation_id,
    const Stamp& stamp
) {
    if (earlier) {
        if (earlier->wanted != wanted) return std::unexpected(KeyReused{});
        return Adjusted{.adjustment = *earlier, .replayed = true, .effects = {}};
    }
    if (!item) return std::unexpected(NoSuchProduct{});
    const bool relative = wanted.kind == AdjustmentWanted::Kind::Delta;
    const bool too_many = relative ? wanted.amount > kMostPieces - item->available : wanted.amount > kMostPieces;
    if (too_many) return std::unexpected(TooMany{});
    const std::int64_t available = relative ? item->available + wanted.amount : wanted.amount;
    if (available < 0) return std::unexpected(NotEnough{.available = item->available});

    const bool was_low = item->low();
    const std::int64_t delta = available - item->available;
    item->available = available;
    item->revision += 1;
    Adjusted done{
        .adjustment =
            {.wanted = wanted,
             .delta = delta,
             .available = available,
             .revision = item->revision,
             .made_at = stamp.now},
        .replayed = false,
        .effects = {},
    };
    done.effects.adjustment = done.adjustment;
    done.effects.events = tell_of(*item, was_low, delta, wanted.reason, correlation_id, stamp);
    if (delta != 0) {
        done.effects.ledger.push_back(
            {.product_id = item->product_id,
             .order_id = {},
             .delta = delta,
             .movement = Movement::Adjusted,
             .reason = wanted.reason}
        );
    }
    return done;
}

}  // namespace platform::inventory
