#include "services/order/domain/timeline.hpp"

#include "tests/services/order/timelines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace platform::order {
namespace {

TEST(TimelineTest, ARecordIsAddedOnce) {
    Timeline timeline;
    EXPECT_TRUE(add_step(timeline, step(1, "ORDER_CREATED", 7)));
    EXPECT_FALSE(add_step(timeline, step(1, "ORDER_CREATED", 7)));
    EXPECT_TRUE(add_step(timeline, step(1, "ORDER_CREATED", 8))) << "another offset is another record";
    TimelineStep elsewhere = step(1, "ORDER_CREATED", 7);
    elsewhere.partition = 5;
    EXPECT_TRUE(add_step(timeline, elsewhere));
    EXPECT_EQ(timeline.steps.size(), 3U);
}

TEST(TimelineTest, EventsStandInTheOrderOfTimeWhateverCameFirst) {
    std::vector<TimelineStep> steps{
        step(3, "ORDER_COMPLETED", 2), step(1, "ORDER_CREATED", 1), step(2, "PAYMENT_COMPLETED", 9)
    };
    std::ranges::sort(steps, {}, &TimelineStep::offset);
    do {
        Timeline timeline;
        for (const auto& one : steps) EXPECT_TRUE(add_step(timeline, one));
        std::string order;
        for (const auto& event : events_of(timeline)) order += event.step.type + " ";
        EXPECT_EQ(order, "ORDER_CREATED PAYMENT_COMPLETED ORDER_COMPLETED ");
    } while (std::ranges::next_permutation(steps, {}, &TimelineStep::offset).found);
}

TEST(TimelineTest, ATellingAgainIsAnAttemptAndASendingAgainADelivery) {
    Timeline timeline;
    TimelineStep again = step(2, "ORDER_CREATED", 2);
    TimelineStep sent_again = again;
    sent_again.offset = 3;
    for (const auto& one : {step(1, "ORDER_CREATED", 1), again, sent_again}) EXPECT_TRUE(add_step(timeline, one));
    const auto events = events_of(timeline);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].attempt, 1);
    EXPECT_EQ(events[0].delivery, 1);
    EXPECT_EQ(events[1].attempt, 2);
    EXPECT_EQ(events[1].delivery, 1);
    EXPECT_EQ(events[2].attempt, 2);
    EXPECT_EQ(events[2].delivery, 2);
}

TEST(TimelineTest, CompensationsAreMarked) {
    Timeline timeline;
    int at = 0;
    for (const char* type : {"ORDER_CREATED", "PAYMENT_COMPLETED", "ORDER_CANCELLED", "PAYMENT_REFUNDED", "INVENTORY_RELEASED"}) {
        ++at;
        EXPECT_TRUE(add_step(timeline, step(at, type, at)));
    }
    std::vector<bool> marks;
    for (const auto& event : events_of(timeline)) marks.push_back(event.compensation);
    EXPECT_EQ(marks, (std::vector{false, false, true, true, true}));
}

TEST(TimelineTest, OneOrderCannotFillATable) {
    Timeline timeline;
    for (int i = 0; i < static_cast<int>(kMaxTimelineSteps); ++i) EXPECT_TRUE(add_step(timeline, step(i, "X", i)));
    EXPECT_TRUE(add_step(timeline, step(0, "X", 10'000))) << "that there were more is news";
    EXPECT_FALSE(add_step(timeline, step(0, "X", 10'001)));
    EXPECT_EQ(timeline.steps.size(), kMaxTimelineSteps);
    EXPECT_TRUE(timeline.truncated);
}

}  // namespace
}  // namespace platform::order
