#pragma once
#include "services/payment/domain/payment_store.hpp"
#include "tests/services/payment/order_events.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

/// What every PaymentStore does, the fake one and the real one alike. `Driver` gives store(), pass(time) for
/// the time of the store's clock, told() for the values of the events that it has to tell, and
/// refuse_events(bool): changes with something to tell then fail at their last step.
namespace platform::payment {

inline OrderId order_named(const std::string& name) {
    return OrderId{Uuid::of_name(name)};
}

inline Payment payment_of(const OrderId& order, State state = State::Pending) {
    Payment payment;
    payment.order_id = order;
    payment.payment_id = PaymentId{Uuid::of_name("payment of " + order.text())};
    payment.state = state;
    payment.amount = Money::of_units(1'999'900);
    payment.price = Money::of_units(1'999'900);
    payment.currency = "EUR";
    payment.product_id = "P-1001";
    payment.quantity = 1;
    payment.correlation_id = "correlation-1";
    return payment;
}

/// Every field at its limit.
inline Payment full_payment(const OrderId& order) {
    Payment payment = payment_of(order, State::RefundFailed);
    payment.amount = Money::of_units(Money::kMaxUnits);
    payment.price = Money::of_units(1);
    payment.product_id = std::string(64, 'P');
    payment.quantity = 2'147'483'647;
    payment.user_id = test::long_text(64);
    payment.correlation_id = std::string(128, 'c');
    payment.transaction_id = test::long_text(128);
    payment.refund_id = test::long_text(128);
    payment.failure_code = events::FailureCode::PaymentDeclined;
    payment.failure_reason = test::long_text(255);
    payment.attempts = 7;
    return payment;
}

template <class Driver>
class PaymentStoreContract : public testing::Test {
protected:
    PaymentStore& store() { return driver_.store(); }

    /// Puts `payment` in place of what its order has, and tells `told`.
    Result<void> put(const Payment& payment, std::vector<events::Event> told = {}) {
        const std::array occasions{Occasion{.order_id = payment.order_id, .event_id = std::nullopt}};
        return store().change(occasions, [&](std::size_t, std::optional<Payment>& stored) {
            stored = payment;
            return told;
        });
    }
    /// Counts how often `change` is called for these occasions, in one transaction.
    int count(const std::vector<Occasion>& occasions) {
        int calls = 0;
        const auto done = store().change(occasions, [&](std::size_t, std::optional<Payment>&) {
            ++calls;
            return std::vector<events::Event>{};
        });
        EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().what);
        return calls;
    }
    std::vector<OrderId> due(std::size_t limit = 10) {
        auto taken = store().take_due(limit, std::chrono::seconds(10));
        EXPECT_TRUE(taken.has_value()) << (taken ? "" : taken.error().what);
        std::vector<OrderId> orders;
        for (const auto& payment : taken.value_or(std::vector<Payment>{})) {
            orders.push_back(payment.order_id);
            EXPECT_EQ(payment, store().find(payment.order_id).value()) << "the attempt is counted";
        }
        return orders;
    }

    Driver driver_;
    const OrderId a_ = order_named("a");
    const OrderId b_ = order_named("b");
    const EventId event_{Uuid::of_name("event")};
};
TYPED_TEST_SUITE_P(PaymentStoreContract);

TYPED_TEST_P(PaymentStoreContract, APaymentReadsBackAsItWasStored) {
    const Payment full = full_payment(this->a_);
    const Payment plain = payment_of(this->b_);
    ASSERT_TRUE(this->put(full));
    ASSERT_TRUE(this->put(plain));
    EXPECT_EQ(this->store().find(this->a_).value(), full);
    EXPECT_EQ(this->store().find(this->b_).value(), plain) << "no failure code, empty texts";
    EXPECT_EQ(this->store().find(order_named("c")).value(), std::nullopt);
}

TYPED_TEST_P(PaymentStoreContract, AChangeSeesWhatIsStoredAndReadsBack) {
    ASSERT_TRUE(this->put(payment_of(this->a_)));
    Payment changed = payment_of(this->a_, State::Failed);
    changed.failure_code = events::FailureCode::PaymentDeclined;
    changed.failure_reason = "nein, “語”";
    changed.transaction_id = "t-1";
    changed.refund_id = "r-1";
    changed.attempts = 3;
    const std::array occasions{Occasion{.order_id = this->a_, .event_id = std::nullopt}};
    std::optional<Payment> seen;
    ASSERT_TRUE(this->store().change(occasions, [&](std::size_t, std::optional<Payment>& stored) {
        seen = stored;
        stored = changed;
        return std::vector<events::Event>{};
    }));
    EXPECT_EQ(seen, payment_of(this->a_));
    EXPECT_EQ(this->store().find(this->a_).value(), changed);
    changed.failure_reason = "another reason in the same state";
    ASSERT_TRUE(this->put(changed));
    EXPECT_EQ(this->store().find(this->a_).value(), changed);
}

TYPED_TEST_P(PaymentStoreContract, WhatIsLeftAbsentIsNotStored) {
    EXPECT_EQ(this->count({{.order_id = this->a_, .event_id = this->event_}}), 1);
    EXPECT_EQ(this->store().find(this->a_).value(), std::nullopt);
}

TYPED_TEST_P(PaymentStoreContract, TheSameEventTwiceInOneBatchHappensOnce) {
    EXPECT_EQ(
        this->count(
            {{.order_id = this->a_, .event_id = this->event_},
             {.order_id = this->a_, .event_id = this->event_}}
        ),
        1
    );
}

TYPED_TEST_P(PaymentStoreContract, TheSameEventInTwoBatchesHappensOnce) {
    EXPECT_EQ(this->count({{.order_id = this->a_, .event_id = this->event_}}), 1);
    EXPECT_EQ(this->count({{.order_id = this->a_, .event_id = this->event_}}), 0);
    const EventId other{Uuid::of_name("other event")};
    EXPECT_EQ(
        this->count(
            {{.order_id = this->a_, .event_id = this->event_}, {.order_id = this->b_, .event_id = other}}
        ),
        1
    ) << "a known event does not keep its batch from happening";
}

TYPED_TEST_P(PaymentStoreContract, WithoutAnEventAnOccasionAlwaysHappens) {
    EXPECT_EQ(
        this->count({{.order_id = this->a_, .event_id = {}}, {.order_id = this->a_, .event_id = {}}}), 2
    );
}

TYPED_TEST_P(PaymentStoreContract, OccasionsOfOneOrderFollowEachOther) {
    const std::vector<Occasion> occasions{
        {.order_id = this->b_, .event_id = {}},
        {.order_id = this->a_, .event_id = {}},
        {.order_id = this->b_, .event_id = {}}
    };
    std::vector<std::size_t> seen;
    ASSERT_TRUE(this->store().change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
        seen.push_back(index);
        if (!payment) payment = payment_of(occasions[index].order_id);
        payment->quantity = static_cast<std::int32_t>(index) + 1;
        payment->attempts += 1;
        return std::vector<events::Event>{};
    }));
    EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(this->store().find(this->b_).value()->attempts, 2);
    EXPECT_EQ(this->store().find(this->a_).value()->attempts, 1);
}

TYPED_TEST_P(PaymentStoreContract, EveryEventIsTold) {
    const std::vector told{
        order_event(this->a_, 1, events::PaymentVoided{}),
        order_event(
            this->a_,
            2,
            events::PaymentFailed{.code = events::FailureCode::PaymentDeclined, .reason = "語", .user_id = ""}
        )
    };
    ASSERT_TRUE(this->put(payment_of(this->a_), told));
    EXPECT_EQ(this->driver_.told(), test::encoded(told));
}

TYPED_TEST_P(PaymentStoreContract, AFailureAtTheEndLeavesNothing) {
    const std::array occasions{Occasion{.order_id = this->a_, .event_id = this->event_}};
    const auto change = [&](std::size_t, std::optional<Payment>& payment) {
        payment = payment_of(this->a_);
        return std::vector{order_event(this->a_, 9, events::PaymentVoided{})};
    };
    this->driver_.refuse_events(true);
    ASSERT_FALSE(this->store().change(occasions, change));
    EXPECT_EQ(this->store().find(this->a_).value(), std::nullopt);
    this->driver_.refuse_events(false);
    EXPECT_TRUE(this->driver_.told().empty());
    ASSERT_TRUE(this->store().change(occasions, change)) << "the inbox has not seen the event";
    EXPECT_EQ(this->store().find(this->a_).value(), payment_of(this->a_));
    EXPECT_EQ(this->driver_.told().size(), 1U);
}

TYPED_TEST_P(PaymentStoreContract, OpenPaymentsComeDueOnceAPause) {
    using namespace std::chrono_literals;
    ASSERT_TRUE(this->put(payment_of(this->a_)));
    EXPECT_TRUE(this->due().empty()) << "whoever opened it asks first";
    this->driver_.pass(11s);
    EXPECT_EQ(this->due(), std::vector{this->a_});
    EXPECT_TRUE(this->due().empty()) << "a second caller";
    this->driver_.pass(11s);
    EXPECT_EQ(this->due(), std::vector{this->a_});
    this->driver_.pass(11s);
    EXPECT_TRUE(this->due().empty()) << "the pause grows with the tries";
    this->driver_.pass(11s);
    EXPECT_EQ(this->due(), std::vector{this->a_});
    EXPECT_EQ(this->store().find(this->a_).value()->attempts, 3);
}

TYPED_TEST_P(PaymentStoreContract, AChangeThatSettlesNothingKeepsThePauseGrowing) {
    using namespace std::chrono_literals;
    auto payment = payment_of(this->a_, State::Refunding);
    payment.attempts = 3;
    payment.failure_reason = "refused";
    ASSERT_TRUE(this->put(payment));
    this->driver_.pass(39s);
    EXPECT_TRUE(this->due().empty());
    this->driver_.pass(2s);
    EXPECT_EQ(this->due(), std::vector{this->a_});
}

TYPED_TEST_P(PaymentStoreContract, LongestDueComesFirstAndThePageIsBounded) {
    using namespace std::chrono_literals;
    ASSERT_TRUE(this->put(payment_of(this->b_, State::Refunding)));
    this->driver_.pass(1s);
    ASSERT_TRUE(this->put(payment_of(this->a_, State::PendingCancel)));
    this->driver_.pass(11s);
    EXPECT_EQ(this->due(1), std::vector{this->b_});
    EXPECT_EQ(this->due(1), std::vector{this->a_});
}

TYPED_TEST_P(PaymentStoreContract, SettledPaymentsAreNeverDueAndRefusedRefundsSlowly) {
    using namespace std::chrono_literals;
    ASSERT_TRUE(this->put(payment_of(this->a_)));
    ASSERT_TRUE(this->put(payment_of(this->a_, State::Completed))) << "it was open before";
    ASSERT_TRUE(this->put(payment_of(this->b_, State::RefundFailed)));
    for (const auto state : {State::Failed, State::Refunded, State::Voided}) {
        ASSERT_TRUE(this->put(payment_of(order_named(std::string(to_string(state))), state)));
    }
    this->driver_.pass(30s);
    EXPECT_TRUE(this->due().empty());
    this->driver_.pass(31s);
    EXPECT_EQ(this->due(), std::vector{this->b_});
}

TYPED_TEST_P(PaymentStoreContract, NoOccasionsChangeNothing) {
    EXPECT_EQ(this->count({}), 0);
    EXPECT_TRUE(this->driver_.told().empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    PaymentStoreContract,
    APaymentReadsBackAsItWasStored,
    AChangeSeesWhatIsStoredAndReadsBack,
    WhatIsLeftAbsentIsNotStored,
    TheSameEventTwiceInOneBatchHappensOnce,
    TheSameEventInTwoBatchesHappensOnce,
    WithoutAnEventAnOccasionAlwaysHappens,
    OccasionsOfOneOrderFollowEachOther,
    EveryEventIsTold,
    AFailureAtTheEndLeavesNothing,
    OpenPaymentsComeDueOnceAPause,
    AChangeThatSettlesNothingKeepsThePauseGrowing,
    LongestDueComesFirstAndThePageIsBounded,
    SettledPaymentsAreNeverDueAndRefusedRefundsSlowly,
    NoOccasionsChangeNothing
);

}  // namespace platform::payment
