#include "operator/control/work_queue.hpp"

#include <gtest/gtest.h>

namespace platform::control {
namespace {

using namespace std::chrono_literals;

class WorkQueueTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    WorkQueue queue_{clock_, registry_, "test"};
};

TEST_F(WorkQueueTest, AKeyStandsInItOnce) {
    queue_.add("a");
    queue_.add("a");
    EXPECT_EQ(queue_.take(), "a");
    EXPECT_EQ(queue_.take(), std::nullopt);
}

TEST_F(WorkQueueTest, AKeyIsNeverTakenTwiceAtATimeAndNoAdditionIsLost) {
    queue_.add("a");
    ASSERT_EQ(queue_.take(), "a");
    queue_.add("a");
    EXPECT_EQ(queue_.take(), std::nullopt);
    EXPECT_EQ(queue_.next_due(), std::nullopt);
    queue_.done("a");
    EXPECT_EQ(queue_.take(), "a");
    queue_.done("a");
    EXPECT_EQ(queue_.take(), std::nullopt);
}

TEST_F(WorkQueueTest, DelaysAndTakesTheEarlierOfTwo) {
    queue_.add_after("a", 10s);
    EXPECT_EQ(queue_.next_due(), Duration(10s));
    queue_.add_after("a", 20s);
    EXPECT_EQ(queue_.next_due(), Duration(10s));
    queue_.add("a");
    EXPECT_EQ(queue_.take(), "a");
}

TEST_F(WorkQueueTest, TheLongestWaitingGoesFirst) {
    queue_.add_after("late", 2s);
    queue_.add_after("early", 1s);
    clock_.advance(5s);
    EXPECT_EQ(queue_.take(), "early");
    EXPECT_EQ(queue_.take(), "late");
}

TEST_F(WorkQueueTest, FailuresBackOffUpToALimitAndSuccessForgetsThem) {
    const auto delay_of_next_failure = [&] {
        queue_.add_failed("a");
        const Duration delay = *queue_.next_due();
        clock_.advance(delay);
        EXPECT_EQ(queue_.take(), "a");
        queue_.done("a");
        return delay;
    };
    Duration expected = WorkQueue::kFirstDelay;
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(delay_of_next_failure(), expected);
        expected = std::min(expected * 2, WorkQueue::kLongestDelay);
    }
    EXPECT_EQ(expected, WorkQueue::kLongestDelay);
    queue_.forget_failures("a");
    EXPECT_EQ(delay_of_next_failure(), WorkQueue::kFirstDelay);
}

TEST_F(WorkQueueTest, AChangeBeatsABackoff) {
    for (int i = 0; i < 5; ++i) queue_.add_failed("a");
    queue_.add("a");
    EXPECT_EQ(queue_.take(), "a");
}

TEST_F(WorkQueueTest, TellsOfAdditions) {
    int told = 0;
    queue_.on_added([&] { ++told; });
    queue_.add("a");
    queue_.add_failed("b");
    queue_.add_after("c", 1s);
    EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace platform::control
