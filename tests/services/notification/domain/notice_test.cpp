#include "services/notification/domain/notice.hpp"

#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

const OrderId kOrder = order_named("order");

TEST(Notice, ACompletedOrderIsTold) {
    const auto event =
        event_of(kOrder, 1, events::OrderCompleted{.user_id = "user-1", .amount = Money::of_units(1'999'900), .currency = "EUR"});
    const auto notice = notice_of(event);
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->kind, "order-completed");
    EXPECT_EQ(notice->order_id, kOrder);
    EXPECT_EQ(notice->user_id, "user-1");
    EXPECT_EQ(notice->correlation_id, "correlation-1");
    EXPECT_EQ(notice->values, (Values{{"orderId", kOrder.text()}, {"amount", "199.99"}, {"currency", "EUR"}}));
}

TEST(Notice, EachKindHasTheValuesThatItsTemplatesMayUse) {
    const std::vector<events::Payload> payloads{
        events::PaymentCompleted{
            .payment_id = {}, .transaction_id = "t", .product_id = "p", .quantity = 1, .amount = {}, .currency = "EUR", .user_id = "u"
        },
        events::PaymentFailed{.code = {}, .reason = "r", .user_id = "u"},
        [] {
            events::PaymentRefunded refunded;
            refunded.transaction_id = "t";
            return refunded;
        }(),
        events::OrderCompleted{.user_id = "u", .amount = {}, .currency = "EUR"},
        events::OrderCancelled{.code = {}, .reason = "r", .user_id = "u", .amount = {}, .currency = "EUR"},
    };
    std::size_t told = 0;
    for (const auto& payload : payloads) {
        const auto notice = notice_of(event_of(kOrder, 1, payload)).value();
        for (const auto& kind : kinds()) {
            if (kind.name != notice.kind) continue;
            ++told;
            for (const auto name : kind.placeholders) {
                EXPECT_TRUE(name == "userId" || notice.values.contains(name)) << kind.name << " lacks " << name;
            }
        }
    }
    EXPECT_EQ(told, kinds().size()) << "one payload a kind";
}

TEST(Notice, ARefundMayLeaveOutTheCustomer) {
    EXPECT_TRUE(notice_of(event_of(kOrder, 1, events::PaymentRefunded{}))->user_left_out);
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::PaymentFailed{}))->user_left_out) << "an anonymous customer";
}

TEST(Notice, StepsThatDoNotConcernTheCustomerTellNothing) {
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::OrderCreated{})));
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::PaymentVoided{})));
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::PaymentRefundFailed{})));
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::InventoryReserved{})));
    EXPECT_FALSE(notice_of(event_of(kOrder, 1, events::NotificationSent{})));
}

TEST(Notice, ALongReasonIsCutBetweenTwoCharacters) {
    std::string reason;
    for (int i = 0; i < 600; ++i) reason += "語";
    const auto cut = notice_of(event_of(kOrder, 1, events::PaymentFailed{.code = {}, .reason = reason, .user_id = ""}))->values["reason"];
    EXPECT_TRUE(cut.ends_with("語…"));
    EXPECT_EQ(cut.size(), 513U * 3);
}

}  // namespace
}  // namespace platform::notification
