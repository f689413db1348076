#pragma once
#include "services/order/domain/order.hpp"
#include "services/order/domain/order_store.hpp"

#include <string>
#include <string_view>
#include <utility>

/// Orders and events for tests.
namespace platform::order {

inline OrderId order_id(int number) {
    return OrderId{Uuid::of_name("order " + std::to_string(number))};
}

inline Content
content(std::string product = "P-1001", std::int32_t quantity = 1, std::int64_t price_units = 1'999'900) {
    return {
        .user_id = "user-1",
        .product_id = std::move(product),
        .quantity = quantity,
        .price = Money::of_units(price_units),
        .amount = Money::of_units(price_units * quantity),
        .currency = "EUR"
    };
}

/// An order of three products.
inline Content three_lines() {
    Content what = content("P-1", 2, 10'000);
    what.items = {
        {.product_id = "P-1", .quantity = 2, .price = Money::of_units(10'000)},
        {.product_id = "P_2", .quantity = 1, .price = Money::of_units(5'000)},
        {.product_id = "P-3", .quantity = 3, .price = Money::of_units(0)}
    };
    what.amount = Money::of_units(25'000);
    return what;
}

inline Order new_order(int number, Content what = content()) {
    return place(order_id(number), std::move(what), "correlation-" + std::to_string(number), WallTime{});
}

inline NewOrder to_place(int number, Content what = content(), std::string_view key = "") {
    NewOrder order{.order = new_order(number, std::move(what)), .key = std::nullopt};
    if (!key.empty()) order.key = IdempotencyKey{.subject = "", .text = std::string(key)};
    return order;
}

/// An event of payment or inventory; `number` makes its id.
inline events::Event
leg_event(const OrderId& order, int number, events::Payload payload, WallTime at = WallTime{}) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event " + std::to_string(number))},
             .correlation_id = "correlation-1",
             .causation_id = std::nullopt,
             .occurred_at = at,
             .source_service = "test",
             .version = events::kVersion},
        .order_id = order,
        .payload = std::move(payload),
    };
}

inline events::Payload paid() {
    return events::PaymentCompleted{
        .payment_id = PaymentId{Uuid::of_name("payment")},
        .transaction_id = "t-1",
        .product_id = "P-1001",
        .quantity = 1,
        .amount = Money::of_units(1'999'900),
        .currency = "EUR",
        .user_id = "user-1"
    };
}
inline events::Payload declined() {
    return events::PaymentFailed{
        .code = events::FailureCode::PaymentDeclined, .reason = "The card was declined.", .user_id = "user-1"
    };
}
inline events::Payload refunded() {
    return events::PaymentRefunded{
        .payment_id = PaymentId{Uuid::of_name("payment")},
        .transaction_id = "t-1",
        .amount = Money::of_units(1'999'900),
        .currency = "EUR"
    };
}
inline events::Payload refund_failed() {
    return events::PaymentRefundFailed{
        .payment_id = PaymentId{Uuid::of_name("payment")}, .reason = "The bank says no."
    };
}
inline events::Payload voided() {
    return events::PaymentVoided{};
}
inline events::Payload reserved() {
    return events::InventoryReserved{.product_id = "P-1001", .quantity = 1};
}
inline events::Payload out_of_stock() {
    return events::InventoryReservationFailed{
        .code = events::FailureCode::OutOfStock, .reason = "0 left", .product_id = "P-1001", .quantity = 1
    };
}
inline events::Payload released() {
    return events::InventoryReleased{.product_id = "P-1001", .quantity = 1};
}

}  // namespace platform::order
