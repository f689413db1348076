#include "services/order/domain/saga.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace platform::order {
namespace {

using events::FailureCode;

struct Outcome {
    Saga saga;
    int completed = 0;
    int cancelled = 0;
};

void count(Outcome& outcome, const Transition& transition) {
    if (transition.decision == Decision::Complete) ++outcome.completed;
    if (transition.decision == Decision::Cancel) ++outcome.cancelled;
}

Outcome after(const std::vector<events::Payload>& received) {
    Outcome outcome;
    for (const auto& payload : received) count(outcome, apply(outcome.saga, payload));
    return outcome;
}

TEST(SagaTest, BothLegsGoodCompletesInEitherOrder) {
    for (const auto& received : {std::vector{paid(), reserved()}, std::vector{reserved(), paid()}}) {
        const Outcome outcome = after(received);
        EXPECT_EQ(state_of(outcome.saga), SagaState::Completed);
        EXPECT_EQ(outcome.completed, 1);
        EXPECT_EQ(outcome.cancelled, 0);
    }
}

TEST(SagaTest, OneGoodLegIsShown) {
    EXPECT_EQ(state_of(after({}).saga), SagaState::Created);
    EXPECT_EQ(state_of(after({paid()}).saga), SagaState::PaymentCompleted);
    EXPECT_EQ(state_of(after({reserved()}).saga), SagaState::InventoryReserved);
}

TEST(SagaTest, AFailedLegCancelsAndCompensatesTheOther) {
    Outcome outcome = after({paid(), out_of_stock()});
    EXPECT_EQ(state_of(outcome.saga), SagaState::Compensating);
    EXPECT_EQ(outcome.cancelled, 1);
    ASSERT_TRUE(outcome.saga.failure);
    EXPECT_EQ(outcome.saga.failure->code, FailureCode::OutOfStock);
    EXPECT_EQ(outcome.saga.failure->reason, "0 left");
    count(outcome, apply(outcome.saga, refunded()));
    EXPECT_EQ(state_of(outcome.saga), SagaState::Cancelled);
    EXPECT_EQ(outcome.cancelled, 1);
}

TEST(SagaTest, TheFirstFailureIsTheReason) {
    const Outcome outcome = after({declined(), out_of_stock()});
    EXPECT_EQ(state_of(outcome.saga), SagaState::Cancelled) << "nothing is left to undo";
    EXPECT_EQ(outcome.saga.failure->code, FailureCode::PaymentDeclined);
    EXPECT_EQ(outcome.cancelled, 1);
}

TEST(SagaTest, ALegThatAnswersWellAfterTheCancelHasToBeUndone) {
    Outcome outcome = after({declined(), reserved()});
    EXPECT_EQ(state_of(outcome.saga), SagaState::Compensating);
    (void)apply(outcome.saga, released());
    EXPECT_EQ(state_of(outcome.saga), SagaState::Cancelled);
}

TEST(SagaTest, ARefundThatFailsNeedsAttentionUntilItSucceeds) {
    Outcome outcome = after({paid(), out_of_stock(), refund_failed()});
    EXPECT_EQ(state_of(outcome.saga), SagaState::NeedsAttention);
    EXPECT_FALSE(terminal(state_of(outcome.saga)));
    EXPECT_EQ(status_of(SagaState::NeedsAttention), Status::Created);
    (void)apply(outcome.saga, refunded());
    EXPECT_EQ(state_of(outcome.saga), SagaState::Cancelled);
}

TEST(SagaTest, CompletedIsFinal) {
    Outcome outcome = after({paid(), reserved()});
    EXPECT_FALSE(cancel(outcome.saga, {.code = FailureCode::CustomerCancelled, .reason = ""}).changed);
    for (const auto& late :
         {paid(), declined(), refunded(), voided(), refund_failed(), reserved(), out_of_stock(), released()
         }) {
        EXPECT_FALSE(apply(outcome.saga, late).changed);
    }
    EXPECT_EQ(state_of(outcome.saga), SagaState::Completed);
}

TEST(SagaTest, ACancelIsDecidedOnce) {
    Saga saga;
    EXPECT_EQ(
        cancel(saga, {.code = FailureCode::CustomerCancelled, .reason = "a"}).decision, Decision::Cancel
    );
    EXPECT_EQ(cancel(saga, {.code = FailureCode::DeadlineExceeded, .reason = "b"}).decision, Decision::None);
    EXPECT_EQ(saga.failure->code, FailureCode::CustomerCancelled);
    EXPECT_EQ(state_of(saga), SagaState::Compensating);
    (void)apply(saga, voided());
    (void)apply(saga, released());
    EXPECT_EQ(state_of(saga), SagaState::Cancelled);
}

TEST(SagaTest, EventsOfOtherPartsAreOfNoConcern) {
    Saga saga;
    EXPECT_FALSE(apply(saga, events::OrderCreated{}).changed);
    EXPECT_FALSE(apply(saga, events::NotificationSent{}).changed);
}

TEST(SagaTest, EveryWordIsReadBack) {
    for (const auto state :
         {SagaState::Created,
          SagaState::PaymentCompleted,
          SagaState::InventoryReserved,
          SagaState::Completed,
          SagaState::Compensating,
          SagaState::Cancelled,
          SagaState::NeedsAttention}) {
        EXPECT_EQ(parse_saga_state(to_string(state)), state);
        EXPECT_EQ(parse_status(to_string(status_of(state))), status_of(state));
    }
    for (const auto leg :
         {PaymentLeg::Pending,
          PaymentLeg::Completed,
          PaymentLeg::Failed,
          PaymentLeg::Refunded,
          PaymentLeg::Voided,
          PaymentLeg::RefundFailed}) {
        EXPECT_EQ(parse_payment_leg(to_string(leg)), leg);
    }
    for (const auto leg :
         {InventoryLeg::Pending, InventoryLeg::Reserved, InventoryLeg::Failed, InventoryLeg::Released}) {
        EXPECT_EQ(parse_inventory_leg(to_string(leg)), leg);
    }
    EXPECT_FALSE(parse_saga_state("Completed"));
}

/// What the other services answer in the end, with or without a cancel by the customer at some moment.
struct History {
    const char* name;
    std::vector<events::Payload> events;
    bool customer_cancels = false;
};

std::vector<History> histories() {
    return {
        {"good", {paid(), reserved()}},
        {"declined, stock released", {declined(), reserved(), released()}},
        {"declined before the reservation", {declined(), released()}},
        {"out of stock, refunded", {paid(), out_of_stock(), refunded()}},
        {"out of stock before the charge", {out_of_stock(), voided()}},
        {"both fail", {declined(), out_of_stock()}},
        {"refund fails first", {paid(), out_of_stock(), refund_failed(), refunded()}},
        {"cancelled at some moment", {paid(), reserved(), refunded(), released()}, true},
        {"cancelled, refund fails first", {paid(), reserved(), refund_failed(), refunded(), released()}, true
        },
        {"cancelled first", {voided(), released()}, true},
    };
}

/// Every order of arrival of all events, each one delivered twice (the longest history once): always
/// terminal, decided exactly once, and nothing changes afterwards.
TEST(SagaTest, EveryPermutationWithRepeatsEndsAndDecidesOnce) {
    constexpr int kCancel = -1;
    for (const History& history : histories()) {
        SCOPED_TRACE(history.name);
        std::vector<int> deliveries;
        const std::size_t times = history.events.size() <= 4 ? 2 : 1;
        for (int i = 0; i < static_cast<int>(history.events.size()); ++i)
            deliveries.insert(deliveries.end(), times, i);
        if (history.customer_cancels) deliveries.push_back(kCancel);
        std::ranges::sort(deliveries);
        int permutations = 0;
        do {
            ++permutations;
            Outcome outcome;
            for (const int delivery : deliveries) {
                if (delivery == kCancel) {
                    count(
                        outcome, cancel(outcome.saga, {.code = FailureCode::CustomerCancelled, .reason = "c"})
                    );
                } else {
                    count(outcome, apply(outcome.saga, history.events[static_cast<std::size_t>(delivery)]));
                }
            }
            const SagaState state = state_of(outcome.saga);
            ASSERT_TRUE(terminal(state)) << to_string(state);
            ASSERT_EQ(outcome.completed + outcome.cancelled, 1);
            ASSERT_EQ(outcome.completed == 1, state == SagaState::Completed);
            for (const auto& late : history.events) ASSERT_FALSE(apply(outcome.saga, late).changed);
        } while (std::ranges::next_permutation(deliveries).found);
        EXPECT_GT(permutations, 1);
    }
}

}  // namespace
}  // namespace platform::order
