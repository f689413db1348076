#include "services/payment/adapters/order_events_handler.hpp"

#include "services/payment/adapters/mysql_payment_store.hpp"
#include "services/payment/adapters/simulated_provider.hpp"
#include "services/payment/migrations/migrations.hpp"
#include "tests/services/order_records.hpp"
#include "tests/services/payment/order_events.hpp"

namespace platform::payment {
namespace {

class PaymentOrderEventsHandlerTest : public testing::Test {
protected:
    test::ServiceDatabase database_{migrations()};
    UuidGenerator ids_{database_.clock};
    MysqlPaymentStore store_{{}, database_.pool, database_.relay};
    SimulatedProvider provider_{{}, database_.clock};
    ProcessPayments process_{{}, store_, provider_, database_.clock, ids_};
    service::DeadLetters dead_letters_{"payment-service", ".DLT", database_.pool, database_.relay, ids_};
    OrderEventsHandler handler_{process_, dead_letters_};
    const OrderId order_{Uuid::of_name("order")};
};

TEST_F(PaymentOrderEventsHandlerTest, OrdersAreChargedAndCancelledOnesPaidBack) {
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(order_event(order_, 1, created()))}));
    EXPECT_EQ(store_.find(order_).value()->state, State::Completed);
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(order_event(order_, 2, cancelled()))}));
    EXPECT_EQ(store_.find(order_).value()->state, State::Refunded);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM inbox"), 2);
}

TEST_F(PaymentOrderEventsHandlerTest, ABadRecordStopsItsBatchAndIsDeadLettered) {
    const std::vector batch{test::record_of(order_event(order_, 1, created())), test::record_of("\xff\xfe")};
    EXPECT_EQ(handler_.apply(batch).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(store_.find(order_).value(), std::nullopt) << "all or nothing";
    test::expect_dead_letter(handler_, database_, "payment-service");
}

TEST_F(PaymentOrderEventsHandlerTest, WhatDoesNotConcernPaymentsIsSkipped) {
    const std::vector batch{
        test::record_of(test::unknown_event("1")),
        test::record_of(
            order_event(order_, 2, events::OrderCompleted{.user_id = "", .amount = {}, .currency = "EUR"})
        ),
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(store_.find(order_).value(), std::nullopt);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 0);
}

TEST_F(PaymentOrderEventsHandlerTest, EverythingThatAnOrderMaySayFitsTheTable) {
    auto order = created();
    order.user_id = test::long_text(64);
    order.product_id = std::string(64, 'x');
    order.quantity = 2'147'483'647;
    order.price = Money::of_units(0);
    order.amount = Money::of_units(Money::kMaxUnits);
    auto event = order_event(order_, 1, order);
    event.metadata.correlation_id = std::string(128, 'c');
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(event)}));
    EXPECT_EQ(store_.find(order_).value()->user_id, order.user_id);

    auto cancel = cancelled();
    cancel.reason = test::long_text(512);
    ASSERT_TRUE(
        handler_.apply(std::vector{test::record_of(order_event(OrderId{Uuid::of_name("other")}, 2, cancel))})
    );
}

}  // namespace
}  // namespace platform::payment
