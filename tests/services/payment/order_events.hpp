#pragma once
#include "shared/core/money.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <string>
#include <utility>

namespace platform::payment {

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

inline events::OrderCreated created(std::int64_t price_units = 1'999'900) {
    return {
        .user_id = "user-1",
        .product_id = "P-1001",
        .quantity = 1,
        .price = Money::of_units(price_units),
        .amount = Money::of_units(price_units),
        .currency = "EUR"
    };
}

inline events::OrderCancelled cancelled() {
    return {
        .code = events::FailureCode::OutOfStock,
        .reason = "no stock",
        .user_id = "user-1",
        .amount = Money::of_units(1'999'900),
        .currency = "EUR"
    };
}

}  // namespace platform::payment
