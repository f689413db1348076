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

TEST(MessageTest, ACustomerWithAnAddressIsWrittenToThere) {
    const auto recipient = [](const std::string& user) {
        const auto event = event_with(events::OrderCompleted{.user_id = user, .amount = {}, .currency = "EUR"});
        return compose(event, {.name = "email", .recipient = "all@shop.example", .domain = "shop.example"})->recipient;
    };
    EXPECT_EQ(recipient("eve.smith+orders@mail.example.org"), "eve.smith+orders@mail.example.org");
    for (const auto* other : {"", "user-1", "@b.c", "a@", "a@b@c", "a b@c.d", "a@b.c>", "<a@b.c", "a@b.c, d@e.f", "a\r\n@b.c", "ä@b.c"}) {
        EXPECT_EQ(recipient(other), "all@shop.example") << other;
    }
}

TEST(MessageTest, ALongReasonIsCutBetweenTwoCharacters) {
    std::string reason;
    for (int i = 0; i < 600; ++i) reason += "語";
    const auto body = compose(event_with(events::PaymentFailed{.code = {}, .reason = reason, .user_id = ""}), {})->body;
    EXPECT_TRUE(body.ends_with("語…"));
    EXPECT_EQ(body.size(), std::string("Your payment was not accepted: ").size() + (512 + 1) * 3);
    const auto cancelled = event_with(
        events::OrderCancelled{.code = {}, .reason = std::string(2048, 'x'), .user_id = "", .amount = {}, .currency = "EUR"}
    );
    EXPECT_LE(compose(cancelled, {})->body.size(), 600U);
    const auto exact = event_with(events::PaymentFailed{.code = {}, .reason = std::string(512, 'x'), .user_id = ""});
    EXPECT_TRUE(compose(exact, {})->body.ends_with("xx")) << "whole";
}

}  // namespace
}  // namespace platform::notification
