#include "shared/resilience/sliding_window.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;
using Type = SlidingWindow::Type;

TEST(SlidingWindowTest, CountsTheLastCallsOnly) {
    SlidingWindow window(Type::CountBased, 3);
    const Instant now{};
    EXPECT_EQ(window.totals(now).calls, 0);
    for (int i = 0; i < 3; ++i) window.record({.failed = true, .slow = i == 0}, now);
    EXPECT_EQ(window.totals(now).failed, 3);
    EXPECT_EQ(window.totals(now).slow_failed, 1);
    window.record({.failed = false, .slow = true}, now);
    EXPECT_EQ(window.totals(now).calls, 3);
    EXPECT_EQ(window.totals(now).failed, 2);
    EXPECT_EQ(window.totals(now).slow, 1);
    EXPECT_EQ(window.totals(now).slow_failed, 0) << "the slow failure has left";
}

TEST(SlidingWindowTest, CountsTheCallsOfTheLastSecondsOnly) {
    SlidingWindow window(Type::TimeBased, 10);
    const Instant start{100s};
    for (int i = 0; i < 1000; ++i) window.record({.failed = true, .slow = false}, start);
    window.record({.failed = false, .slow = true}, start + 5s);
    EXPECT_EQ(window.totals(start + 9'999ms).calls, 1001) << "more calls than seconds";
    EXPECT_EQ(window.totals(start + 10s).calls, 1);
    EXPECT_EQ(window.totals(start + 10s).failed, 0);
    EXPECT_EQ(window.totals(start + 15s).calls, 0);
    EXPECT_EQ(window.totals(start + 1h).calls, 0);
}

/// Against all calls with their times, at random.
TEST(SlidingWindowTest, AgreesWithAPlainModel) {
    std::mt19937 random(7);  // NOLINT: the same steps each time
    SlidingWindow window(Type::TimeBased, 5);
    std::deque<std::pair<Instant, bool>> calls;
    Instant now{50s};
    for (int step = 0; step < 5000; ++step) {
        now += std::chrono::milliseconds(random() % 1500);
        const bool failed = random() % 3 == 0;
        window.record({.failed = failed, .slow = false}, now);
        calls.emplace_back(now, failed);
        const auto second = [](Instant at) { return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count(); };
        while (second(calls.front().first) <= second(now) - 5) calls.pop_front();
        int failures = 0;
        for (const auto& call : calls) failures += call.second ? 1 : 0;
        ASSERT_EQ(window.totals(now).calls, static_cast<int>(calls.size())) << step;
        ASSERT_EQ(window.totals(now).failed, failures) << step;
    }
}

}  // namespace
}  // namespace platform::resilience
