#include "shared/resilience/interval.hpp"

#include <gtest/gtest.h>

#include <set>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;

TEST(IntervalTest, IsConstantUnlessSaidOtherwise) {
    Interval interval({.initial = 500ms, .ceiling = {}});
    EXPECT_EQ(interval.of(1), 500ms);
    EXPECT_EQ(interval.of(9), 500ms);
}

TEST(IntervalTest, GrowsToItsCeilingWhateverTheExponent) {
    Interval interval({.initial = 100ms, .exponential = true, .multiplier = 2, .ceiling = 1s});
    EXPECT_EQ(interval.of(1), 100ms);
    EXPECT_EQ(interval.of(2), 200ms);
    EXPECT_EQ(interval.of(4), 800ms);
    EXPECT_EQ(interval.of(5), 1s);
    EXPECT_EQ(interval.of(1'000'000), 1s);
    Interval endless({.initial = 1s, .exponential = true, .multiplier = 10, .ceiling = {}});
    EXPECT_GT(endless.of(1'000'000), std::chrono::hours(24 * 365)) << "no overflow";
}

TEST(IntervalTest, ChanceStaysWithinItsFactorAndBelowTheCeiling) {
    Interval interval({.initial = 100ms, .ceiling = {}, .randomized = true, .factor = 0.5}, 42);
    std::set<Duration> seen;
    for (int i = 0; i < 1000; ++i) {
        const Duration wait = interval.of(1);
        EXPECT_GE(wait, 50ms);
        EXPECT_LE(wait, 150ms);
        seen.insert(wait);
    }
    EXPECT_GT(seen.size(), 900U);
    EXPECT_LT(*seen.begin(), 60ms);
    EXPECT_GT(*seen.rbegin(), 140ms);
    Interval bounded(
        {.initial = 1s, .exponential = true, .multiplier = 2, .ceiling = 1s, .randomized = true, .factor = 0.9}, 42
    );
    for (int i = 0; i < 1000; ++i) EXPECT_LE(bounded.of(3), 1s);
}

}  // namespace
}  // namespace platform::resilience
