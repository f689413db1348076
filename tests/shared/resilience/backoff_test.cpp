#include "shared/resilience/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheCeilingWithoutJitter) {
    Backoff backoff({.initial = 100ms, .ceiling = 1s, .multiplier = 2.0, .jitter = 0.0}, 1);
    EXPECT_EQ(backoff.delay(1), 100ms);
    EXPECT_EQ(backoff.delay(2), 200ms);
    EXPECT_EQ(backoff.delay(4), 800ms);
    EXPECT_EQ(backoff.delay(5), 1s);
    EXPECT_EQ(backoff.delay(1000), 1s);
    EXPECT_EQ(backoff.delay(std::numeric_limits<int>::max()), 1s);
}

TEST(Backoff, NeverFailsOnAnOddAttempt) {
    Backoff backoff({.initial = 100ms, .ceiling = 1s, .multiplier = 2.0, .jitter = 0.0}, 1);
    EXPECT_EQ(backoff.delay(0), 100ms);
    EXPECT_EQ(backoff.delay(-5), 100ms);
    EXPECT_EQ(Backoff({.initial = 5s, .ceiling = 1s, .multiplier = 2.0, .jitter = 0.0}, 1).delay(1), 1s);
}

TEST(Backoff, SpreadsEvenlyBelowTheDelay) {
    Backoff backoff({.initial = 1s, .ceiling = 1s, .multiplier = 2.0, .jitter = 0.5}, 5);
    constexpr int kDraws = 10'000;
    Duration sum{0};
    std::set<Duration> different;
    for (int i = 0; i < kDraws; ++i) {
        const Duration delay = backoff.delay(1);
        ASSERT_GE(delay, 500ms);
        ASSERT_LE(delay, 1s);
        sum += delay;
        different.insert(delay);
    }
    EXPECT_NEAR(std::chrono::duration<double>(sum / kDraws).count(), 0.75, 0.01);
    EXPECT_GT(different.size(), 9'000U);
}

TEST(Backoff, TwoOfThemDoNotReturnTogether) {
    Backoff one({});
    Backoff other({});
    int equal = 0;
    for (int i = 1; i < 20; ++i) equal += one.delay(i) == other.delay(i) ? 1 : 0;
    EXPECT_LT(equal, 3);
}

}  // namespace
}  // namespace platform::resilience
