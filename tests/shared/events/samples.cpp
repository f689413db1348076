#include "tests/shared/events/samples.hpp"

#include "shared/core/time_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace platform::events {
namespace {

Event event_of(Payload payload) {
    return Event{
        .metadata =
            {
                .event_id = EventId::parse("01930000-0000-7000-8000-000000000001").value(),
                .correlation_id = "web:7a1e.42",
                .causation_id = EventId::parse("01930000-0000-7000-8000-000000000002").value(),
                .occurred_at = parse_rfc3339("2026-11-22T10:00:00.123456Z").value(),
                .source_service = "order-service",
            },
        .order_id = OrderId::parse("01930000-0000-7000-8000-00000000000a").value(),
        .payload = std::move(payload),
    };
}

Event of_product(Payload payload) {
    Event event = event_of(std::move(payload));
    event.order_id = {};
    event.metadata.source_service = "inventory-service";
    return event;
}

Money money(std::string_view text) {
    return Money::parse(text).value();
}

}  // namespace

std::vector<Sample> samples() {
    const auto payment = PaymentId::parse("01930000-0000-7000-8000-00000000000b").value();
    const OrderCreated created{
        .user_id = "customer-7",
        .product_id = "P-1001",
        .quantity = 3,
        .price = money("199.99"),
        .amount = money("599.97"),
        .currency = "EUR",
    };
    OrderCreated anonymous = created;
    anonymous.user_id.clear();
    anonymous.price = money("0.0001");
    anonymous.amount = money("0.0003");
    OrderCreated several = created;
    several.items = {
        {.product_id = "P-1001", .quantity = 3, .price = money("199.99")},
        {.product_id = "P-2", .quantity = 1, .price = money("0.0001")},
        {.product_id = "P-1001", .quantity = 1, .price = money("100")},
    };
    several.amount = money("699.9701");
    const std::vector<Line> lines{
        {.product_id = "P-1001", .quantity = 4}, {.product_id = "P-2", .quantity = 3'000'000'000}
    };
    std::vector<Sample> all{
        {"order_created", event_of(created)},
        {"order_created_anonymous", event_of(anonymous)},
        {"order_created_items", event_of(several)},
        {"order_completed",
         event_of(OrderCompleted{.user_id = "customer-7", .amount = money("599.97"), .currency = "EUR"})},
        {"order_cancelled",
         event_of(OrderCancelled{
             .code = FailureCode::DeadlineExceeded,
             .reason = "not settled \"in time\"",
             .user_id = "Jürgen ☕",
             .amount = money("599.97"),
             .currency = "USD",
         })},
        {"payment_completed",
         event_of(PaymentCompleted{
             .payment_id = payment,
             .transaction_id = "sim-42",
             .product_id = "P-1001",
             .quantity = 3,
             .amount = money("599.97"),
             .currency = "EUR",
             .user_id = "customer-7",
         })},
        {"payment_failed",
         event_of(
             PaymentFailed{.code = FailureCode::InvalidAmount, .reason = "too much", .user_id = "customer-7"}
         )},
        {"payment_refunded",
         event_of(PaymentRefunded{
             .payment_id = payment, .transaction_id = "sim-43", .amount = money("599.97"), .currency = "EUR"
         })},
        {"payment_refunded_user",
         event_of(PaymentRefunded{
             .payment_id = payment,
             .transaction_id = "sim-43",
             .amount = money("599.97"),
             .currency = "EUR",
             .user_id = "customer-7"
         })},
        {"payment_voided", event_of(PaymentVoided{})},
        {"payment_refund_failed",
         event_of(PaymentRefundFailed{.payment_id = payment, .reason = "provider refuses"})},
        {"inventory_reserved", event_of(InventoryReserved{.product_id = "P-1001", .quantity = 3})},
        {"inventory_reserved_items",
         event_of(InventoryReserved{.product_id = "P-1001", .quantity = 4, .items = lines})},
        {"inventory_reservation_failed",
         event_of(InventoryReservationFailed{
             .code = FailureCode::UnknownProduct,
             .reason = "no such product",
             .product_id = "P-0",
             .quantity = 1
         })},
        {"inventory_released", event_of(InventoryReleased{.product_id = "P-1001", .quantity = 3})},
        {"inventory_released_nothing", event_of(InventoryReleased{.product_id = "", .quantity = 0})},
        {"inventory_released_items",
         event_of(InventoryReleased{.product_id = "P-1001", .quantity = 4, .items = lines})},
        {"inventory_adjusted",
         of_product(InventoryAdjusted{
             .product_id = "P-1001",
             .revision = 7,
             .available = 5'000'000'000,
             .delta = -12,
             .reason = "counted",
             .name = "Teapot ☕",
             .price = money("199.99"),
             .currency = "USD",
         })},
        {"inventory_adjusted_bare",
         of_product(InventoryAdjusted{
             .product_id = "P-1001", .revision = 1, .available = 0, .delta = 0, .reason = ""
         })},
        {"stock_low", of_product(StockLow{.product_id = "P-1001", .available = 4, .low_mark = 5})},
        {"notification_sent", event_of(NotificationSent{.kind = "payment-completed", .channel = "email"})},
        {"notification_failed",
         event_of(
             NotificationFailed{.kind = "payment-completed", .channel = "email", .reason = "mailbox full"}
         )},
    };
    all.back().event.metadata.causation_id.reset();
    return all;
}

std::string golden(const std::string& name) {
    std::ifstream file{std::filesystem::path(EVENTS_GOLDEN) / (name + ".json")};
    EXPECT_TRUE(file.good()) << "golden/" << name << ".json is missing";
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace platform::events
