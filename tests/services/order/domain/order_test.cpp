#include "services/order/domain/order.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace platform::order {
namespace {

using std::chrono::seconds;

WallTime at(int second) {
    return WallTime{seconds(second)};
}

class OrderTest : public testing::Test {
protected:
    std::vector<events::Event> receive(int number, events::Payload payload, WallTime when = at(10)) {
        return on_event(order_, leg_event(order_.id, number, std::move(payload), when), stamp_);
    }
    std::vector<std::string> steps() {
        std::vector<std::string> names;
        for (const StepDone& step : steps_of(order_)) names.emplace_back(step.step);
        return names;
    }

    int made_ = 0;
    Stamp stamp_{
        .next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); },
        .now = at(20)
    };
    Order order_ = place(order_id(1), content("P-1", 3, 10'000), "c-1", at(5));
};

TEST_F(OrderTest, IsAnnouncedWithItsContentUnderItsOwnId) {
    const events::Event event = created_event(order_);
    EXPECT_EQ(event.metadata.event_id.uuid, order_.id.uuid) << "repeating the insert repeats the row";
    EXPECT_EQ(event.metadata.correlation_id, "c-1");
    EXPECT_EQ(event.metadata.source_service, "order-service");
    const auto* created = std::get_if<events::OrderCreated>(&event.payload);
    ASSERT_NE(created, nullptr);
    EXPECT_EQ(created->product_id, "P-1");
    EXPECT_EQ(created->quantity, 3);
    EXPECT_EQ(created->price.text(), "1.00");
    EXPECT_EQ(created->amount.text(), "3.00");
}

TEST_F(OrderTest, CompletionIsToldOnceWithItsCause) {
    EXPECT_TRUE(receive(1, paid()).empty());
    const auto told = receive(2, reserved());
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCompleted>(told[0].payload));
    EXPECT_EQ(told[0].metadata.causation_id, EventId{Uuid::of_name("event 2")});
    EXPECT_EQ(told[0].metadata.correlation_id, "c-1");
    EXPECT_EQ(order_.version, 3);
    EXPECT_EQ(order_.times.closed, at(20));
    EXPECT_TRUE(receive(3, paid()).empty());
    EXPECT_EQ(order_.version, 3) << "a late event changes nothing";
}

TEST_F(OrderTest, TheCancelTellsWhyAndWhatToUndo) {
    const auto told = receive(1, out_of_stock());
    ASSERT_EQ(told.size(), 1U);
    const auto* cancelled = std::get_if<events::OrderCancelled>(&told[0].payload);
    ASSERT_NE(cancelled, nullptr);
    EXPECT_EQ(cancelled->code, events::FailureCode::OutOfStock);
    EXPECT_EQ(cancelled->reason, "0 left");
    EXPECT_EQ(cancelled->amount.text(), "3.00");
    EXPECT_FALSE(order_.times.closed) << "not before everything is undone";
    (void)receive(2, voided());
    EXPECT_EQ(order_.times.closed, at(20));
}

TEST_F(OrderTest, StepsStandInTheOrderOfTime) {
    (void)receive(1, reserved(), at(12));
    (void)receive(2, paid(), at(11));
    EXPECT_EQ(
        steps(),
        (std::vector<std::string>{
            "ORDER_CREATED", "PAYMENT_COMPLETED", "INVENTORY_RESERVED", "ORDER_COMPLETED"
        })
    );
}

TEST_F(OrderTest, StepsOfACompensatedOrderSayWhatWasUndone) {
    (void)receive(1, paid(), at(11));
    (void)receive(2, out_of_stock(), at(12));
    (void)receive(3, refunded(), at(19));
    EXPECT_EQ(order_.state(), SagaState::Cancelled);
    EXPECT_EQ(
        steps(),
        (std::vector<std::string>{
            "ORDER_CREATED",
            "PAYMENT_COMPLETED",
            "INVENTORY_RESERVATION_FAILED",
            "PAYMENT_REFUNDED",
            "ORDER_CANCELLED",
            "COMPENSATED"
        })
    );
}

TEST_F(OrderTest, AnotherClockIsBelievedOnlyBetweenBirthAndNow) {
    (void)receive(1, paid(), at(1));
    (void)receive(2, reserved(), at(1000));
    EXPECT_EQ(order_.times.payment, at(5));
    EXPECT_EQ(order_.times.inventory, at(20));
}

TEST_F(OrderTest, AskingAgainHasANewIdEveryTimeAndTheSameContent) {
    const auto first = ask_again(order_, stamp_);
    const auto second = ask_again(order_, stamp_);
    ASSERT_EQ(first.size(), 1U);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCreated>(first[0].payload));
    EXPECT_NE(first[0].metadata.event_id, second[0].metadata.event_id);
    EXPECT_NE(first[0].metadata.event_id.uuid, order_.id.uuid);
}

TEST_F(OrderTest, ACancelledOrderAsksForItsCancelAgainAndAnEndedOneForNothing) {
    const auto told =
        on_cancel(order_, {.code = events::FailureCode::CustomerCancelled, .reason = "c"}, stamp_);
    ASSERT_EQ(told.size(), 1U);
    const auto again = ask_again(order_, stamp_);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCancelled>(again[0].payload));
    (void)receive(1, voided());
    (void)receive(2, released());
    EXPECT_TRUE(ask_again(order_, stamp_).empty());
}

TEST_F(OrderTest, ATraceGoesOnFromTheCause) {
    (void)receive(1, paid());
    auto last = leg_event(order_.id, 2, reserved());
    last.metadata.traceparent = "00-trace";
    const auto told = on_event(order_, last, stamp_);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].metadata.traceparent, "00-trace");
}

TEST_F(OrderTest, SeveralLinesAreAnnouncedAfterTheFirstOne) {
    const Order order = place(order_id(2), three_lines(), "c-2", at(5));
    const auto event = created_event(order);
    const auto& created = std::get<events::OrderCreated>(event.payload);
    EXPECT_EQ(created.product_id, "P-1");
    EXPECT_EQ(created.items, three_lines().items);
    EXPECT_EQ(created.amount, three_lines().amount);
    EXPECT_EQ(lines_of(order.content), three_lines().items);
    ASSERT_EQ(lines_of(order_.content).size(), 1U);
    EXPECT_EQ(lines_of(order_.content)[0].product_id, "P-1");
    EXPECT_TRUE(std::get<events::OrderCreated>(created_event(order_).payload).items.empty());
}

TEST_F(OrderTest, WhatWasToldIsToldAgainAsItWas) {
    (void)receive(1, paid());
    EXPECT_EQ(tell_again(order_, true, true, stamp_.next_id).size(), 1U) << "nothing is decided yet";
    (void)receive(2, reserved());
    const auto told = tell_again(order_, true, true, stamp_.next_id);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCreated>(told[0].payload));
    EXPECT_EQ(told[0].metadata.occurred_at, at(5));
    EXPECT_NE(told[0].metadata.event_id.uuid, order_.id.uuid);
    EXPECT_TRUE(std::holds_alternative<events::OrderCompleted>(told[1].payload));
    EXPECT_EQ(told[1].metadata.occurred_at, at(20));
    EXPECT_TRUE(tell_again(order_, false, false, stamp_.next_id).empty());

    Order cancelled = new_order(3);
    (void)on_cancel(cancelled, {.code = events::FailureCode::DeadlineExceeded, .reason = "late"}, stamp_);
    const auto decision = tell_again(cancelled, false, true, stamp_.next_id);
    ASSERT_EQ(decision.size(), 1U);
    EXPECT_EQ(std::get<events::OrderCancelled>(decision[0].payload).code, events::FailureCode::DeadlineExceeded);
}

}  // namespace
}  // namespace platform::order
