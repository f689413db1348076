#include "services/order/domain/sweeper.hpp"

#include "tests/services/order/fake_order_store.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <variant>
#include <vector>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class SweeperTest : public testing::Test {
protected:
    SweeperTest() { store_.orders.emplace(order_id(1), new_order(1)); }

    Order& order() { return store_.orders.at(order_id(1)); }
    /// The store says that the order is due, at `now` on the database's clock.
    std::vector<events::Event> sweep(Duration now, Duration idle, bool announced = true) {
        store_.emitted.clear();
        store_.due.push_back(
            {.order = order(),
             .announced = announced,
             .idle = idle,
             .now = WallTime{std::chrono::duration_cast<std::chrono::microseconds>(now)}}
        );
        EXPECT_EQ(sweeper_.step(clock_.now()), 5s);
        return store_.emitted;
    }

    FakeClock clock_;
    metrics::Registry registry_{"test"};
    UuidGenerator ids_{clock_, 1};
    FakeOrderStore store_;
    std::size_t may_ask_ = 10;
    Sweeper sweeper_{{}, store_, clock_, ids_, registry_, [this] { return may_ask_; }};
};

TEST_F(SweeperTest, AStuckOrderIsAnnouncedAgainWithANewId) {
    const auto first = sweep(30s, 30s);
    const auto second = sweep(90s, 60s);
    ASSERT_EQ(first.size(), 1U);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCreated>(first[0].payload));
    EXPECT_NE(first[0].metadata.event_id, second[0].metadata.event_id);
    EXPECT_EQ(first[0].order_id, order_id(1));
}

TEST_F(SweeperTest, AnOrderThatMovesIsLeftAlone) {
    EXPECT_TRUE(sweep(30s, 1s).empty());
}

TEST_F(SweeperTest, NothingIsAskedWhileTheServiceItselfIsBehind) {
    may_ask_ = 0;
    EXPECT_TRUE(sweep(30s, 30s).empty());
    EXPECT_EQ(store_.due.size(), 1U);
}

TEST_F(SweeperTest, NoMoreThanMayBeAskedAgain) {
    for (int i = 2; i <= 3; ++i) {
        store_.orders.emplace(order_id(i), new_order(i));
        store_.due.push_back({.order = store_.orders.at(order_id(i)), .announced = true, .idle = 30s, .now = WallTime{30s}});
    }
    may_ask_ = 2;
    EXPECT_EQ(sweep(30s, 30s).size(), 2U);
    EXPECT_EQ(store_.due.size(), 1U) << "the third is still due";
}

TEST_F(SweeperTest, ACompensatingOrderAsksForItsCancelAgain) {
    order().saga.failure = Failure{.code = events::FailureCode::OutOfStock, .reason = "r"};
    const auto told = sweep(30s, 30s);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCancelled>(told[0].payload));
}

TEST_F(SweeperTest, TheDeadlineCancels) {
    (void)sweep(30s, 30s);
    const auto told = sweep(30s + 15min, 30s);
    ASSERT_EQ(told.size(), 1U);
    const auto* cancelled = std::get_if<events::OrderCancelled>(&told[0].payload);
    ASSERT_NE(cancelled, nullptr);
    EXPECT_EQ(cancelled->code, events::FailureCode::DeadlineExceeded);
    EXPECT_EQ(order().state(), SagaState::Compensating);
}

TEST_F(SweeperTest, TheDeadlineDoesNotRunWhileTheBrokerDoesNotHaveTheOrder) {
    EXPECT_TRUE(sweep(24h, 24h, false).empty())
        << "an outage cancels nothing, and the relay is at it already";
    EXPECT_EQ(order().state(), SagaState::Created);
    const auto told = sweep(24h + 1min, 24h);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::OrderCreated>(told[0].payload))
        << "the deadline counts from here";
}

TEST_F(SweeperTest, AnEndedOrderIsLeftAlone) {
    order().saga = {
        .payment = PaymentLeg::Completed, .inventory = InventoryLeg::Reserved, .failure = std::nullopt
    };
    EXPECT_TRUE(sweep(24h, 24h).empty());
}

TEST_F(SweeperTest, AnUnreachableStoreIsTriedAgainLater) {
    store_.unreadable = true;
    EXPECT_TRUE(sweep(30s, 30s).empty());
    store_.unreadable = false;
    store_.unchangeable = true;
    EXPECT_EQ(sweeper_.step(clock_.now()), 5s);
    EXPECT_TRUE(store_.emitted.empty());
}

}  // namespace
}  // namespace platform::order
