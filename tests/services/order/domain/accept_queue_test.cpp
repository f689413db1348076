#include "services/order/domain/accept_queue.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace platform::order {
namespace {

using Lane = AcceptQueue::Lane;
using namespace std::chrono_literals;

class AcceptQueueTest : public testing::Test {
protected:
    bool push(int number, std::string_view key = "") {
        Job job{.order = to_place(number, content(), key), .answer = [this](const PlaceAnswer& answer) {
                    answers_.push_back(answer);
                }};
        return queue_.push(job);
    }
    FakeClock clock_;
    AcceptQueue queue_{{.limit = 3, .max_age = 2s}, clock_};
    std::vector<PlaceAnswer> answers_;
};

TEST_F(AcceptQueueTest, GivesTheOldestFirstAndAtMostTheLimit) {
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(push(i));
    const auto batch = queue_.take(Lane::Plain, 2);
    ASSERT_EQ(batch.size(), 2U);
    EXPECT_EQ(batch[0].order.order.id, order_id(1));
    EXPECT_EQ(batch[1].order.order.id, order_id(2));
    EXPECT_EQ(queue_.size(), 1U);
}

TEST_F(AcceptQueueTest, KeyedOrdersHaveALaneOfTheirOwn) {
    ASSERT_TRUE(push(1));
    ASSERT_TRUE(push(2, "k"));
    EXPECT_EQ(queue_.take(Lane::Keyed, 10).size(), 1U);
    EXPECT_EQ(queue_.take(Lane::Keyed, 10).size(), 0U);
    EXPECT_EQ(queue_.take(Lane::Plain, 10).size(), 1U);
}

TEST_F(AcceptQueueTest, RefusesWhenFullAndTakesAgainWhenThereIsRoom) {
    ASSERT_TRUE(push(1));
    ASSERT_TRUE(push(2, "k"));
    ASSERT_TRUE(push(3));
    EXPECT_FALSE(push(4));
    EXPECT_FALSE(push(5, "k2")) << "the bound counts both lanes";
    (void)queue_.take(Lane::Plain, 1);
    EXPECT_TRUE(push(4));
}

TEST_F(AcceptQueueTest, RefusesWhileTheOldestIsTooOld) {
    ASSERT_TRUE(push(1, "k"));
    clock_.advance(2s);
    EXPECT_TRUE(push(2));
    clock_.advance(1ms);
    EXPECT_FALSE(push(3));
    (void)queue_.take(Lane::Keyed, 1);
    EXPECT_TRUE(push(3));
}

TEST_F(AcceptQueueTest, ClosingAnswersWhatWaitsAndRefusesTheRest) {
    ASSERT_TRUE(push(1));
    ASSERT_TRUE(push(2, "k"));
    queue_.close();
    ASSERT_EQ(answers_.size(), 2U);
    for (const auto& answer : answers_) EXPECT_EQ(answer.error(), Refused::Unavailable);
    EXPECT_FALSE(push(3));
    EXPECT_TRUE(queue_.take(Lane::Plain, 10).empty());
}

}  // namespace
}  // namespace platform::order
