#pragma once
#include "shared/core/money.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <string>
#include <utility>
#include <vector>

namespace platform::inventory {

inline OrderId order_named(const std::string& name) {
    return OrderId{Uuid::of_name(name)};
}

/// An order event for tests; `number` makes its id.
inline events::Event order_event(const OrderId& order, int number, events::Payload payload) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event " + std::to_string(number))},
             .correlation_id = "correlation-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "order-service",
             .version = events::kVersion},
        .order_id = order,
        .payload = std::move(payload),
    };
}

inline events::OrderCreated created(std::int32_t quantity, std::string product = "P-1001") {
    return {
        .user_id = "",
        .product_id = std::move(product),
        .quantity = quantity,
        .price = Money::of_units(1),
        .amount = Money::of_units(1),
        .currency = "EUR"
    };
}

/// An order over several lines; the first one is its product.
inline events::OrderCreated created(const std::vector<events::Line>& lines) {
    auto order = created(static_cast<std::int32_t>(lines.front().quantity), lines.front().product_id);
    for (const auto& line : lines) {
        order.items.push_back({
            .product_id = line.product_id,
            .quantity = static_cast<std::int32_t>(line.quantity),
            .price = Money::of_units(1)
        });
    }
    return order;
}

}  // namespace platform::inventory
