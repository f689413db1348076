#include "services/notification/domain/message.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

events::Event event_with(events::Payload payload) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event")},
             .correlation_id = "correlation-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "order-service",
             .version = events::kVersion},
        .order_id = OrderId{Uuid::of_name("order")},
        .payload = std::move(payload),
    };
}

TEST(MessageTest, ACompletedOrderIsTold) {
    const auto message = compose(
        event_with(events::OrderCompleted{.user_id = "user-1", .amount = Money::of_units(1'999'900), .currency = "EUR"}), {}
    );
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, "order-completed");
    EXPECT_EQ(message->body, "Your order over 199.99 EUR is complete.");
    EXPECT_EQ(message->recipient, "user-1");
    EXPECT_EQ(message->correlation_id, "correlation-1");
}

TEST(MessageTest, TheMessageIdIsStableAndDiffersByKindAndChannel) {
    const auto paid = event_with(events::PaymentRefunded{.payment_id = {}, .transaction_id = "t", .amount = {}, .currency = "EUR"});
    const auto first = compose(paid, {.name = "email", .recipient = "a@b.c", .domain = "shop.example"});
    const auto again = compose(paid, {.name = "email", .recipient = "a@b.c", .domain = "shop.example"});
    const auto other = compose(paid, {.name = "log", .recipient = "", .domain = "shop.example"});
    EXPECT_EQ(first->message_id, again->message_id);
    EXPECT_NE(first->message_id, other->message_id);
    EXPECT_TRUE(first->message_id.ends_with(".payment-refunded.email@shop.example"));
    EXPECT_EQ(first->recipient, "a@b.c");
}

TEST(MessageTest, StepsThatDoNotConcernTheCustomerTellNothing) {
    EXPECT_FALSE(compose(event_with(events::OrderCreated{}), {}));
    EXPECT_FALSE(compose(event_with(events::PaymentVoided{}), {}));
    EXPECT_FALSE(compose(event_with(events::PaymentRefundFailed{}), {}));
}

}  // namespace
}  // namespace platform::notification
