#include "services/order/domain/order_waits.hpp"

#include "tests/services/order/fake_order_store.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class OrderWaitsTest : public testing::Test {
protected:
    OrderWaitsTest() {
        for (const int number : {1, 2}) store_.orders.emplace(order_id(number), new_order(number));
        waits_.on_work([this] { ++woken_; });
    }
    using Got = std::vector<Result<std::optional<Order>>>;
    bool wait(int number, Duration at_most = 2s) {
        OrderWaits::Answer answer = [this](Result<std::optional<Order>> order) {
            answers_.push_back(std::move(order));
        };
        return waits_.wait(order_id(number), at_most, answer);
    }
    Duration step() { return waits_.step(clock_.now()); }
    void end(int number) {
        store_.orders.at(order_id(number)).saga = {
            .payment = PaymentLeg::Completed, .inventory = InventoryLeg::Reserved, .failure = std::nullopt
        };
    }
    void tell(int number) {
        const std::array ids{order_id(number)};
        waits_.changed(ids);
    }

    FakeClock clock_;
    metrics::Registry registry_{"test"};
    FakeOrderStore store_;
    bool closing_ = false;
    int woken_ = 0;
    Got answers_;
    OrderWaits waits_{
        {.limit = 3, .longest = 4s, .reread = 500ms},
        store_,
        clock_,
        registry_,
        [this] { return closing_; }
    };
};

TEST_F(OrderWaitsTest, AnEndedOrderIsAnsweredAtTheFirstLook) {
    end(1);
    ASSERT_TRUE(wait(1));
    EXPECT_EQ(woken_, 1);
    EXPECT_EQ(step(), 1h) << "nobody is left";
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ((**answers_[0]).state(), SagaState::Completed);
}

TEST_F(OrderWaitsTest, AChangeOfThisProcessIsSeenAtOnce) {
    ASSERT_TRUE(wait(1));
    ASSERT_TRUE(wait(2));
    EXPECT_EQ(step(), 500ms);
    EXPECT_TRUE(answers_.empty());
    end(1);
    tell(1);
    EXPECT_EQ(woken_, 3);
    (void)step();
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ((**answers_[0]).id, order_id(1));
    tell(1);
    EXPECT_EQ(woken_, 3) << "nobody waits for it any more";
}

TEST_F(OrderWaitsTest, AChangeThatIsNotTheEndAnswersNobody) {
    ASSERT_TRUE(wait(1));
    (void)step();
    store_.orders.at(order_id(1)).saga.payment = PaymentLeg::Completed;
    tell(1);
    (void)step();
    EXPECT_TRUE(answers_.empty());
}

TEST_F(OrderWaitsTest, AChangeOfAnotherReplicaIsSeenAtTheNextLook) {
    ASSERT_TRUE(wait(1));
    (void)step();
    end(1);
    (void)step();
    EXPECT_TRUE(answers_.empty()) << "not due yet";
    clock_.advance(500ms);
    (void)step();
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(OrderWaitsTest, TheTimeThatIsOverAnswersWithWhatThereIs) {
    ASSERT_TRUE(wait(1, 700ms));
    (void)step();
    clock_.advance(500ms);
    EXPECT_EQ(step(), 200ms);
    clock_.advance(200ms);
    (void)step();
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ((**answers_[0]).state(), SagaState::Created);
}

TEST_F(OrderWaitsTest, NobodyWaitsForLongerThanTheLimit) {
    ASSERT_TRUE(wait(1, 1h));
    clock_.advance(4s);
    (void)step();
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(OrderWaitsTest, AnOrderThatDoesNotExistIsAnsweredAtOnce) {
    ASSERT_TRUE(wait(7));
    (void)step();
    ASSERT_EQ(answers_.size(), 1U);
    ASSERT_TRUE(answers_[0]);
    EXPECT_FALSE(*answers_[0]);
}

TEST_F(OrderWaitsTest, OnlySoManyWait) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(wait(1));
    OrderWaits::Answer untouched = [](const Result<std::optional<Order>>&) {};
    EXPECT_FALSE(waits_.wait(order_id(1), 1s, untouched));
    EXPECT_TRUE(untouched) << "its caller still has it";
}

TEST_F(OrderWaitsTest, ADatabaseThatIsAwayIsAnErrorOnlyWhenTheTimeIsOver) {
    store_.unreadable = true;
    ASSERT_TRUE(wait(1, 700ms));
    (void)step();
    EXPECT_TRUE(answers_.empty());
    clock_.advance(700ms);
    (void)step();
    ASSERT_EQ(answers_.size(), 1U);
    ASSERT_FALSE(answers_[0]);
    EXPECT_EQ(answers_[0].error().kind, ErrorKind::Unavailable);
}

TEST_F(OrderWaitsTest, WhoWaitsWhenTheServiceStopsIsAnswered) {
    ASSERT_TRUE(wait(1));
    (void)step();
    closing_ = true;
    EXPECT_FALSE(wait(2));
    (void)step();
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_TRUE(answers_[0]);
    closing_ = false;
    ASSERT_TRUE(wait(2));
    waits_.close();
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_FALSE(answers_[1]);
}

}  // namespace
}  // namespace platform::order
