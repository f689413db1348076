#include "services/notification/adapters/events_handler.hpp"

#include "services/notification/adapters/mysql_message_store.hpp"
#include "services/notification/adapters/mysql_preference_store.hpp"
#include "services/notification/migrations/migrations.hpp"
#include "tests/services/notification/messages.hpp"
#include "tests/services/order_records.hpp"

#include <expected>

namespace platform::notification {
namespace {

class CountingTransport final : public Transport {
public:
    std::expected<void, Obstacle> send(const Message& message) override {
        sent.push_back(message);
        return {};
    }
    std::vector<Message> sent;
};

class NotificationEventsHandlerTest : public testing::Test {
protected:
    void send_all() {
        while (sender_.step(database_.clock.now()) == Duration::zero()) continue;
    }
    [[nodiscard]] std::vector<Stored> stored(const OrderId& order) { return store_.find(order).value(); }

    test::ServiceDatabase database_{migrations()};
    UuidGenerator ids_{database_.clock};
    MysqlMessageStore store_{{}, database_.pool, database_.relay};
    MysqlPreferenceStore preferences_{database_.pool};
    CountingTransport transport_;
    Announcer announcer_{{}, database_.clock, ids_, database_.registry};
    Sender sender_{{}, store_, transport_, announcer_, database_.clock, database_.registry};
    service::DeadLetters dead_letters_{"notification-service", ".DLT", database_.pool, database_.relay, ids_};
    EventsHandler handler_{
        {.templates = usual_templates(), .channel = {.name = "email", .recipient = "all@shop.example", .domain = "shop.example"}},
        store_,
        preferences_,
        sender_,
        announcer_,
        dead_letters_
    };
    EventsHandler logging_{{}, store_, preferences_, sender_, announcer_, dead_letters_};
    const std::vector<kafka::Record> completed_{test::record_of(
        event_of(order_named("a"), 2, events::OrderCompleted{.user_id = "u", .amount = {}, .currency = "EUR"})
    )};
    const std::vector<kafka::Record> refunded_{test::record_of(event_of(order_named("a"), 3, events::PaymentRefunded{}))};
    const OrderId a_ = order_named("a");
};

TEST_F(NotificationEventsHandlerTest, EachStepIsToldOnce) {
    const std::vector batch{
        test::record_of(event_of(
            a_,
            1,
            events::PaymentCompleted{
                .payment_id = {},
                .transaction_id = "t-1",
                .product_id = "P-1",
                .quantity = 1,
                .amount = {},
                .currency = "EUR",
                .user_id = "u"
            }
        )),
        test::record_of(
            event_of(a_, 2, events::OrderCompleted{.user_id = "u", .amount = {}, .currency = "EUR"})
        ),
    };
    ASSERT_TRUE(handler_.apply(batch));
    ASSERT_TRUE(handler_.apply(batch)) << "a redelivery";
    send_all();
    EXPECT_EQ(transport_.sent.size(), 2U);
    for (const auto& [message, state] : stored(a_)) EXPECT_EQ(state, "SENT") << message.kind;
    EXPECT_EQ(database_.told().size(), 2U) << "NOTIFICATION_SENT";

    ASSERT_TRUE(handler_.apply(batch)) << "a replay of the whole topic";
    send_all();
    EXPECT_EQ(transport_.sent.size(), 2U);
}

TEST_F(NotificationEventsHandlerTest, WhatIsLoggedIsSentAndToldInTheSameTransaction) {
    ASSERT_TRUE(logging_.apply(completed_));
    EXPECT_EQ(stored(a_).at(0).state, "SENT");
    EXPECT_EQ(database_.told().size(), 1U);
    send_all();
    EXPECT_TRUE(transport_.sent.empty()) << "nothing is left to the sender";
}

TEST_F(NotificationEventsHandlerTest, CustomersAreToldWhereTheyChose) {
    ASSERT_TRUE(preferences_.put("u", {.email = "u@example.org", .channels = {"email", "log"}, .opt_out = false}));
    ASSERT_TRUE(handler_.apply(completed_));
    send_all();
    ASSERT_EQ(transport_.sent.size(), 1U);
    EXPECT_EQ(transport_.sent[0].recipient, "u@example.org");
    EXPECT_EQ(stored(a_).size(), 2U) << "and a log line";
}

TEST_F(NotificationEventsHandlerTest, WhoWantsNothingGetsNothingNotEvenByAReplay) {
    ASSERT_TRUE(preferences_.put("u", {.email = "", .channels = {}, .opt_out = true}));
    ASSERT_TRUE(handler_.apply(completed_));
    ASSERT_TRUE(preferences_.put("u", {}));
    ASSERT_TRUE(handler_.apply(completed_));
    send_all();
    EXPECT_TRUE(transport_.sent.empty());
    ASSERT_EQ(stored(a_).size(), 1U);
    EXPECT_EQ(stored(a_)[0].state, "SKIPPED");
    EXPECT_TRUE(database_.told().empty());
}

TEST_F(NotificationEventsHandlerTest, ARefundGoesToTheCustomerOfItsOrder) {
    ASSERT_TRUE(preferences_.put("u", {.email = "u@example.org", .channels = {}, .opt_out = false}));
    ASSERT_TRUE(handler_.apply(completed_));
    ASSERT_TRUE(handler_.apply(refunded_)) << "named by an earlier batch";
    send_all();
    ASSERT_EQ(transport_.sent.size(), 2U);
    EXPECT_EQ(transport_.sent[1].kind, "payment-refunded");
    EXPECT_EQ(transport_.sent[1].recipient, "u@example.org");
}

TEST_F(NotificationEventsHandlerTest, ARefundFindsItsCustomerInTheSameBatch) {
    ASSERT_TRUE(preferences_.put("u", {.email = "u@example.org", .channels = {}, .opt_out = false}));
    ASSERT_TRUE(handler_.apply(std::vector{refunded_[0], completed_[0]}));
    send_all();
    ASSERT_EQ(transport_.sent.size(), 2U);
    for (const auto& message : transport_.sent) EXPECT_EQ(message.recipient, "u@example.org") << message.kind;
}

TEST_F(NotificationEventsHandlerTest, ARefundOfNobodyGoesToTheConfiguredRecipient) {
    ASSERT_TRUE(handler_.apply(refunded_));
    send_all();
    ASSERT_EQ(transport_.sent.size(), 1U);
    EXPECT_EQ(transport_.sent[0].recipient, "all@shop.example");
}

TEST_F(NotificationEventsHandlerTest, ABadRecordStopsItsBatchAndIsDeadLettered) {
    const std::vector batch{
        test::record_of(
            event_of(a_, 1, events::OrderCompleted{.user_id = "u", .amount = {}, .currency = "EUR"})
        ),
        test::record_of("[]")
    };
    EXPECT_EQ(handler_.apply(batch).error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(stored(a_).empty()) << "all or nothing";
    test::expect_dead_letter(handler_, database_, "notification-service");
}

TEST_F(NotificationEventsHandlerTest, WhatTellsTheCustomerNothingIsSkipped) {
    const std::vector batch{
        test::record_of(test::unknown_event("1")), test::record_of(event_of(a_, 2, events::PaymentVoided{}))
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_TRUE(stored(a_).empty());
}

TEST_F(NotificationEventsHandlerTest, EverythingThatAnEventMaySayFitsTheTable) {
    // Reasons as long as decode() lets them be, which is longer than encode() writes them.
    const auto with_reason = [](events::Event event, const std::string& reason) {
        std::string value = events::encode(event);
        const std::string mark = "REASON";
        value.replace(value.find(mark), mark.size(), reason);
        return test::record_of(value);
    };
    std::string four_bytes;
    for (int i = 0; i < 512; ++i) four_bytes += "🚚";
    const std::vector reasons{std::string(2048, 'x'), four_bytes};
    int number = 0;
    for (const auto& reason : reasons) {
        const auto order = order_named("order " + std::to_string(++number));
        auto cancelled = event_of(
            order,
            number * 10,
            events::OrderCancelled{
                .code = {},
                .reason = "REASON",
                .user_id = test::long_text(64),
                .amount = Money::of_units(Money::kMaxUnits),
                .currency = "EUR"
            }
        );
        cancelled.metadata.correlation_id = std::string(128, 'c');
        const auto failed = event_of(
            order,
            number * 10 + 1,
            events::PaymentFailed{.code = {}, .reason = "REASON", .user_id = test::long_text(64)}
        );
        const auto paid = event_of(
            order,
            number * 10 + 2,
            events::PaymentCompleted{
                .payment_id = {},
                .transaction_id = std::string(128, 't'),
                .product_id = "",
                .quantity = 0,
                .amount = Money::of_units(Money::kMaxUnits),
                .currency = "EUR",
                .user_id = test::long_text(64)
            }
        );
        const auto applied = handler_.apply(
            std::vector{with_reason(cancelled, reason), with_reason(failed, reason), test::record_of(paid)}
        );
        ASSERT_TRUE(applied) << applied.error().what;
        EXPECT_EQ(stored(order).size(), 3U);
    }
}

}  // namespace
}  // namespace platform::notification
