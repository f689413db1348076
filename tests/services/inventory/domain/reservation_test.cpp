#include "services/inventory/domain/reservation.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

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

/// An order over several products; its first line is its product.
events::OrderCreated created(const std::vector<events::Line>& lines) {
    auto order = created(static_cast<std::int32_t>(lines.front().quantity));
    order.product_id = lines.front().product_id;
    for (const auto& line : lines) {
        order.items.push_back({
            .product_id = line.product_id,
            .quantity = static_cast<std::int32_t>(line.quantity),
            .price = Money::of_units(1)
        });
    }
    return order;
}

class ReservationTest : public testing::Test {
protected:
    Effects receive(events::Payload payload) {
        return on_order_event(order_event(++number_, std::move(payload)), reservation_, stocks_, stamp_);
    }
    Stock& stock(const std::string& product = "P-1001") { return stocks_.at(product); }

    int number_ = 0;
    int made_ = 0;
    Stamp stamp_{.next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); }, .now = WallTime{}};
    std::optional<Reservation> reservation_;
    Stocks stocks_{{"P-1001", Stock{10}}, {"P-2", Stock{5}}, {"P-3", Stock{1}}};
};

TEST_F(ReservationTest, ReservesAndTellsOfIt) {
    const auto effects = receive(created(3));
    ASSERT_EQ(effects.answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::InventoryReserved>(effects.answers[0].payload));
    EXPECT_EQ(stock().available(), 7);
    EXPECT_EQ(stock().reserved_change(), 3);
    ASSERT_EQ(effects.ledger.size(), 1U);
    EXPECT_EQ(effects.ledger[0].delta, -3);
}

TEST_F(ReservationTest, AnAnswerCarriesTheTraceAndTheCauseOfItsOrder) {
    auto event = order_event(1, created(3));
    event.metadata.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto answer = on_order_event(event, reservation_, stocks_, stamp_).answers.at(0);
    EXPECT_EQ(answer.metadata.traceparent, event.metadata.traceparent);
    EXPECT_EQ(answer.metadata.causation_id, event.metadata.event_id);
    EXPECT_EQ(answer.metadata.correlation_id, "correlation-1");
}

TEST_F(ReservationTest, TheLastPieceCanBeTakenAndOneMoreCannot) {
    (void)receive(created(10));
    EXPECT_EQ(reservation_->state, State::Reserved);
    EXPECT_EQ(stock().available(), 0);
    std::optional<Reservation> other;
    const auto effects = on_order_event(order_event(99, created(1)), other, stocks_, stamp_);
    ASSERT_EQ(effects.answers.size(), 1U);
    const auto* failed = std::get_if<events::InventoryReservationFailed>(&effects.answers[0].payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->code, events::FailureCode::OutOfStock);
    EXPECT_EQ(stock().available(), 0);
}

TEST_F(ReservationTest, AnUnknownProductIsABusinessAnswer) {
    stock() = Stock{};
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
    EXPECT_EQ(stock().available(), 10);
    EXPECT_EQ(stock().reserved_change(), 0);
}

TEST_F(ReservationTest, ACancelBeforeTheCreateRefusesTheLateCreate) {
    (void)receive(events::OrderCancelled{});
    const auto effects = receive(created(4));
    ASSERT_EQ(effects.answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::InventoryReleased>(effects.answers[0].payload));
    EXPECT_EQ(stock().available(), 10);
}

TEST_F(ReservationTest, CompletionConsumesOnceAndIsFinal) {
    (void)receive(created(4));
    EXPECT_TRUE(receive(events::OrderCompleted{}).answers.empty());
    (void)receive(events::OrderCompleted{});
    EXPECT_EQ(reservation_->state, State::Consumed);
    EXPECT_EQ(stock().available(), 6);
    EXPECT_EQ(stock().reserved_change(), 0);
    EXPECT_TRUE(receive(events::OrderCancelled{}).ledger.empty());
}

TEST_F(ReservationTest, SeveralProductsAreTakenTogether) {
    const auto effects = receive(created({{"P-2", 2}, {"P-1001", 3}, {"P-2", 1}}));
    ASSERT_EQ(effects.answers.size(), 1U);
    const auto* reserved = std::get_if<events::InventoryReserved>(&effects.answers[0].payload);
    ASSERT_NE(reserved, nullptr);
    EXPECT_EQ(reserved->product_id, "P-2");
    EXPECT_EQ(reserved->quantity, 3) << "both lines of the first product";
    EXPECT_EQ(reserved->items, (std::vector<events::Line>{{"P-1001", 3}, {"P-2", 3}}));
    EXPECT_EQ(stock().available(), 7);
    EXPECT_EQ(stock("P-2").available(), 2);
    EXPECT_EQ(effects.ledger.size(), 2U);

    const auto given_back = receive(events::OrderCancelled{});
    EXPECT_EQ(std::get<events::InventoryReleased>(given_back.answers.at(0).payload).items, reserved->items);
    EXPECT_EQ(given_back.ledger.size(), 2U);
    EXPECT_TRUE(receive(events::OrderCancelled{}).ledger.empty()) << "once";
    EXPECT_EQ(stock().available(), 10);
    EXPECT_EQ(stock("P-2").available(), 5);
}

TEST_F(ReservationTest, SeveralProductsAreConsumedTogether) {
    (void)receive(created({{"P-1001", 3}, {"P-2", 2}}));
    EXPECT_TRUE(receive(events::OrderCompleted{}).answers.empty());
    EXPECT_EQ(stock().reserved_change(), 0);
    EXPECT_EQ(stock("P-2").reserved_change(), 0);
    EXPECT_EQ(stock("P-2").available(), 3);
}

TEST_F(ReservationTest, OneProductTooFewTakesNothingAndIsNamed) {
    struct Case {
        const char* name;
        std::vector<events::Line> lines;
        events::FailureCode code;
        events::Line named;
    };
    for (const auto& [name, lines, code, named] : {
             Case{"the second is short", {{"P-1001", 1}, {"P-3", 2}}, events::FailureCode::OutOfStock, {"P-3", 2}},
             Case{"short over two lines", {{"P-2", 3}, {"P-1001", 1}, {"P-2", 3}}, events::FailureCode::OutOfStock, {"P-2", 6}},
             Case{"the first is unknown", {{"P-0", 1}, {"P-1001", 1}}, events::FailureCode::UnknownProduct, {"P-0", 1}},
         }) {
        SCOPED_TRACE(name);
        std::optional<Reservation> reservation;
        const auto effects = on_order_event(order_event(++number_, created(lines)), reservation, stocks_, stamp_);
        ASSERT_EQ(effects.answers.size(), 1U);
        const auto* failed = std::get_if<events::InventoryReservationFailed>(&effects.answers[0].payload);
        ASSERT_NE(failed, nullptr);
        EXPECT_EQ(failed->code, code);
        EXPECT_EQ(failed->product_id, named.product_id);
        EXPECT_EQ(failed->quantity, named.quantity);
        EXPECT_TRUE(effects.ledger.empty());
        EXPECT_TRUE(taken_by(*reservation).empty());
        for (const auto& [product, stock] : stocks_) EXPECT_EQ(stock.available_change(), 0) << product;
        const auto cancelled =
            on_order_event(order_event(++number_, events::OrderCancelled{}), reservation, stocks_, stamp_);
        EXPECT_TRUE(cancelled.ledger.empty()) << "nothing to give back";
    }
}

TEST_F(ReservationTest, MoreOfOneProductThanALineHoldsIsNotLost) {
    constexpr std::int32_t kMost = 2'147'483'647;
    stock() = Stock{10'000'000'000};
    const auto effects = receive(created({{"P-1001", kMost}, {"P-1001", kMost}}));
    EXPECT_EQ(stock().available(), 10'000'000'000 - 2LL * kMost);
    EXPECT_EQ(reservation_->quantity, kMost);
    EXPECT_EQ(reservation_->lines, (std::vector<events::Line>{{"P-1001", 2LL * kMost}}));
    (void)receive(events::OrderCancelled{});
    EXPECT_EQ(stock().available(), 10'000'000'000);
}

TEST_F(ReservationTest, LowStockIsToldOnceForEachTimeItGetsLow) {
    stock() = Stock{10, 5};
    std::map<std::string, std::optional<Reservation>> orders;
    const auto low_after = [&](const std::string& order, events::Payload payload) {
        auto event = order_event(++number_, std::move(payload));
        event.order_id = OrderId{Uuid::of_name(order)};
        std::vector<std::int64_t> told;
        for (const auto& answer : on_order_event(event, orders[order], stocks_, stamp_).answers) {
            const auto* low = std::get_if<events::StockLow>(&answer.payload);
            if (low == nullptr) continue;
            EXPECT_TRUE(answer.order_id.uuid.is_nil());
            EXPECT_EQ(low->product_id, "P-1001");
            EXPECT_EQ(low->low_mark, 5);
            told.push_back(low->available);
        }
        return told;
    };
    using Told = std::vector<std::int64_t>;
    EXPECT_EQ(low_after("a", created(5)), Told{}) << "at the mark is not below it";
    EXPECT_EQ(low_after("b", created(1)), Told{4});
    EXPECT_EQ(low_after("c", created(1)), Told{}) << "it was low before";
    EXPECT_EQ(low_after("a", events::OrderCancelled{}), Told{});
    EXPECT_EQ(low_after("d", created({{"P-2", 1}, {"P-1001", 4}})), Told{4}) << "a second time";
    EXPECT_EQ(low_after("e", created(5)), Told{}) << "nothing was taken";
}

TEST(ReservationEvents, ThoseOfOrdersConcernStockAndTheAnsweredOnesNeedTheInbox) {
    EXPECT_TRUE(concerns_stock(events::OrderCreated{}) && is_answered(events::OrderCreated{}));
    EXPECT_TRUE(concerns_stock(events::OrderCancelled{}) && is_answered(events::OrderCancelled{}));
    EXPECT_TRUE(concerns_stock(events::OrderCompleted{}) && !is_answered(events::OrderCompleted{}));
    EXPECT_FALSE(concerns_stock(events::PaymentVoided{}));
}

/// Any row of events: stock is never negative, and what is missing from it is exactly what reservations hold or have consumed.
TEST(ReservationProperty, StockIsConserved) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        int made = 0;
        const Stamp stamp{.next_id = [&] { return Uuid::of_name(std::to_string(++made)); }, .now = WallTime{}};
        Stocks stocks{{"P-1001", Stock{5}}};
        const Stock& stock = stocks.at("P-1001");
        std::vector<std::optional<Reservation>> orders(4);
        std::int64_t ledger = 5;
        for (int step = 0; step < 30; ++step) {
            events::Payload payload = created(static_cast<std::int32_t>(1 + random() % 3));
            if (random() % 3 == 0) payload = events::OrderCancelled{};
            if (random() % 4 == 0) payload = events::OrderCompleted{};
            const auto effects = on_order_event(order_event(step, payload), orders[random() % 4], stocks, stamp);
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
