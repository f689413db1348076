#include "shared/resilience/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public testing::Test {
protected:
    FakeClock clock_;
    RateLimiter limiter_{
        "provider", {.limit_for_period = 3, .limit_refresh_period = 1s, .timeout_duration = 1500ms}, clock_
    };
};

TEST_F(RateLimiterTest, LetsThePeriodsPermissionsThroughAtOnceAndLosesWhatIsNotUsed) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter_.reserve(), Duration::zero());
    EXPECT_EQ(limiter_.available_permissions(), 0);
    clock_.advance(10s);
    EXPECT_EQ(limiter_.available_permissions(), 3);
}

TEST_F(RateLimiterTest, WhoHasToWaitReservesAndWhoWouldWaitTooLongDoesNot) {
    clock_.advance(200ms);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter_.reserve(), Duration::zero());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter_.reserve(), 800ms) << "the next period's";
    EXPECT_EQ(limiter_.available_permissions(), -3);
    EXPECT_EQ(limiter_.reserve(), std::nullopt) << "1,800 ms are above the timeout";
    EXPECT_EQ(limiter_.available_permissions(), -3);
    clock_.advance(800ms);
    EXPECT_EQ(limiter_.available_permissions(), 0) << "this period's are taken by those who waited";
    EXPECT_EQ(limiter_.reserve(), 1s);
}

TEST_F(RateLimiterTest, NoMoreThanTheLimitGoesInAnyPeriod) {
    std::mt19937 random(11);  // NOLINT: the same steps each time
    std::map<std::int64_t, int> gone;
    const Instant start = clock_.now();
    for (int step = 0; step < 5000; ++step) {
        clock_.advance(std::chrono::milliseconds(random() % 400));
        if (const auto wait = limiter_.reserve()) ++gone[(clock_.now() + *wait - start) / 1s];
    }
    for (const auto& [period, count] : gone) EXPECT_LE(count, 3) << period;
    EXPECT_GT(gone.size(), 900U);
}

TEST_F(RateLimiterTest, PeriodsOfNanosecondsDoNotOverflow) {
    RateLimiter usual("usual", {}, clock_);
    clock_.advance(24h * 365);
    EXPECT_EQ(usual.available_permissions(), 50);
    EXPECT_EQ(usual.reserve(), Duration::zero());
}

}  // namespace
}  // namespace platform::resilience
