#include "services/inventory/domain/reservation.hpp"

#include <gtest/gtest.h>

#include <random>

namespace platform::inventory {
namespace {

const OrderId kOrder{Uuid::of_name("order")};

events::Event order_event(int number, events::Payload payload) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event " + std::to_string(number))},
             .correlation_id = "correlation-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "order-service",
             .version = events::kVersion},
        .order_id = kOrder,
        .payload = std::move(payload),
    };
}

events::OrderCreated created(std::int32_t quantity) {
    return {
        .user_id = "",
        .product_id = "P-1001",
        .quantity = quantity,
        .price = Money::of_units(1),
        .amount = Money::of_units(1),
        .currency = "EUR"
    };
}

class ReservationTest : public testing::Test {
protected:
    Effects receive(events::Payload payload) {
        return on_order_event(order_event(++number_, std::move(payload)), reservation_, stock_, stamp_);
    }
    int number_ = 0;
    int made_ = 0;
    Stamp stamp_{.next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); }, .now = WallTime{}};
    std::optional<Reservation> reservation_;
    Stock stock_{10};
};

TEST_F(ReservationTest, ReservesAndTellsOfIt) {
    const auto effects = receive(created(3));
    ASSERT_EQ(effects.answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::InventoryReserved>(effects.answers[0].payload));
    EXPECT_EQ(stock_.available(), 7);
    EXPECT_EQ(stock_.reserved_change(), 3);
    ASSERT_EQ(effects.ledger.size(), 1U);
    EXPECT_EQ(effects.ledger[0].delta, -3);
}

TEST_F(ReservationTest, TheLastPieceCanBeTakenAndOneMoreCannot) {
    (void)receive(created(10));
    EXPECT_EQ(reservation_->state, State::Reserved);
    EXPECT_EQ(stock_.available(), 0);
    std::optional<Reservation> other;
    const auto effects = on_order_event(order_event(99, created(1)), other, stock_, stamp_);
    ASSERT_EQ(effects.answers.size(), 1U);
    const auto* failed = std::get_if<events::InventoryReservationFailed>(&effects.answers[0].payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->code, events::FailureCode::OutOfStock);
    EXPECT_EQ(stock_.available(), 0);
}

TEST_F(ReservationTest, AnUnknownProductIsABusinessAnswer) {
    stock_ = Stock{};
    const auto effects = receive(created(1));
    const auto* failed = std::get_if<events::InventoryReservationFailed>(&effects.answers.at(0).payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->code, events::FailureCode::UnknownProduct);
}

TEST_F(ReservationTest, ReleaseGivesBackExactlyOnce) {
    (void)receive(created(4));
    EXPECT_EQ(receive(events::OrderCancelled{}).ledger.size(), 1U);
    const auto again = receive(events::OrderCancelled{});
    EXPECT_TRUE(again.ledger.empty());
    ASSERT_EQ(again.answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::InventoryReleased>(again.answers[0].payload));
    EXPECT_EQ(stock_.available(), 10);
    EXPECT_EQ(stock_.reserved_change(), 0);
}

TEST_F(ReservationTest, ACancelBeforeTheCreateRefusesTheLateCreate) {
    (void)receive(events::OrderCancelled{});
    const auto effects = receive(created(4));
    ASSERT_EQ(effects.answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::InventoryReleased>(effects.answers[0].payload));
    EXPECT_EQ(stock_.available(), 10);
}

TEST_F(ReservationTest, CompletionConsumesOnceAndIsFinal) {
    (void)receive(created(4));
    EXPECT_TRUE(receive(events::OrderCompleted{}).answers.empty());
    (void)receive(events::OrderCompleted{});
    EXPECT_EQ(reservation_->state, State::Consumed);
    EXPECT_EQ(stock_.available(), 6);
    EXPECT_EQ(stock_.reserved_change(), 0);
    EXPECT_TRUE(receive(events::OrderCancelled{}).ledger.empty());
}

/// Any row of events: stock is never negative, and what is missing from it is exactly what reservations hold or have consumed.
TEST(ReservationProperty, StockIsConserved) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        int made = 0;
        const Stamp stamp{.next_id = [&] { return Uuid::of_name(std::to_string(++made)); }, .now = WallTime{}};
        Stock stock{5};
        std::vector<std::optional<Reservation>> orders(4);
        std::int64_t ledger = 5;
        for (int step = 0; step < 30; ++step) {
            events::Payload payload = created(static_cast<std::int32_t>(1 + random() % 3));
            if (random() % 3 == 0) payload = events::OrderCancelled{};
            if (random() % 4 == 0) payload = events::OrderCompleted{};
            const auto effects = on_order_event(order_event(step, payload), orders[random() % 4], stock, stamp);
            for (const auto& entry : effects.ledger) ledger += entry.delta;
            ASSERT_GE(stock.available(), 0);
            ASSERT_EQ(stock.available(), ledger);
            std::int64_t held = 0;
            std::int64_t consumed = 0;
            for (const auto& order : orders) {
                if (order && order->state == State::Reserved) held += order->quantity;
                if (order && order->state == State::Consumed) consumed += order->quantity;
            }
            ASSERT_EQ(stock.reserved_change(), held);
            ASSERT_EQ(stock.available() + held + consumed, 5);
        }
    }
}

TEST(ReservationState, EveryNameReadsBack) {
    for (int value = 0; value <= static_cast<int>(State::Released); ++value) {
        const auto state = static_cast<State>(value);
        EXPECT_EQ(parse_state(to_string(state)), state);
    }
}

}  // namespace
}  // namespace platform::inventory
