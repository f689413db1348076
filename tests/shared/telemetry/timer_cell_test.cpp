#include "shared/telemetry/timer_cell.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace platform::metrics {
namespace {

using namespace std::chrono_literals;

TEST(TimerCell, CountsByBoundAndAddsUp) {
    const FakeClock clock;
    TimerCell cell;
    for (const Duration duration : {Duration(-1ms), Duration(500us), Duration(501us), Duration(10s), Duration(11s)}) {
        cell.record(duration, clock.now());
    }
    const auto reading = cell.read(clock.now());
    EXPECT_EQ(reading.cumulative.front(), 2U) << "a bound belongs to its bucket";
    EXPECT_EQ(reading.cumulative[1], 3U);
    EXPECT_EQ(reading.cumulative.back(), 4U);
    EXPECT_EQ(reading.count, 5U);
    EXPECT_DOUBLE_EQ(reading.sum_seconds, 21.001001);
    EXPECT_DOUBLE_EQ(reading.max_seconds, 11);
}

TEST(TimerCell, TheMaximumFadesAfterTwoToThreeMinutes) {
    FakeClock clock;
    TimerCell cell;
    EXPECT_EQ(cell.read(clock.now()).max_seconds, 0);
    cell.record(3s, clock.now());
    cell.record(2s, clock.now());
    EXPECT_DOUBLE_EQ(cell.read(clock.now()).max_seconds, 3);
    clock.advance(1min);
    cell.record(1s, clock.now());
    clock.advance(1min);
    EXPECT_DOUBLE_EQ(cell.read(clock.now()).max_seconds, 3) << "still within the window";
    clock.advance(1min);
    EXPECT_DOUBLE_EQ(cell.read(clock.now()).max_seconds, 1);
    cell.record(5ms, clock.now());
    EXPECT_DOUBLE_EQ(cell.read(clock.now()).max_seconds, 1) << "the peak of an old minute gave way, not that of the last";
    clock.advance(24h);
    EXPECT_EQ(cell.read(clock.now()).max_seconds, 0);
    EXPECT_EQ(cell.read(clock.now()).count, 4U) << "only the maximum fades";
}

TEST(TimerCell, LosesNothingBetweenThreads) {
    constexpr int kThreads = 4;
    constexpr int kEach = 10'000;
    const FakeClock clock;
    TimerCell cell;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&cell, &clock, thread] {
                for (int i = 0; i < kEach; ++i) cell.record(std::chrono::microseconds(thread * kEach + i), clock.now());
            });
        }
    }
    const auto reading = cell.read(clock.now());
    EXPECT_EQ(reading.count, static_cast<std::uint64_t>(kThreads * kEach));
    EXPECT_DOUBLE_EQ(reading.max_seconds, 0.039999);
    EXPECT_NEAR(reading.sum_seconds, 799.98, 1e-6);
}

}  // namespace
}  // namespace platform::metrics
