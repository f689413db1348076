#include "shared/resilience/retry.hpp"

#include <gtest/gtest.h>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;

TEST(RetryTest, HasTheDefaultsOfTheOriginal) {
    Retry retry("calls", {});
    EXPECT_TRUE(retry.allows(2));
    EXPECT_FALSE(retry.allows(3)) << "three attempts, the first one included";
    EXPECT_EQ(retry.wait(1), 500ms);
    EXPECT_EQ(retry.wait(2), 500ms);
}

TEST(RetryTest, WithoutLimitNeverGivesUp) {
    EXPECT_TRUE(Retry("topic", {.without_limit = true}).allows(1'000'000));
}

TEST(RetryTest, WaitsLongerEachTime) {
    Retry retry(
        "calls",
        {.wait_duration = 100ms,
         .enable_exponential_backoff = true,
         .exponential_backoff_multiplier = 2,
         .exponential_max_wait_duration = 300ms}
    );
    EXPECT_EQ(retry.wait(1), 100ms);
    EXPECT_EQ(retry.wait(2), 200ms);
    EXPECT_EQ(retry.wait(3), 300ms);
}

TEST(RetryTest, CountsHowCallsEnded) {
    Retry retry("calls", {});
    retry.done(1, true);
    retry.done(2, true);
    retry.done(3, true);
    retry.done(1, false);
    retry.done(3, false);
    EXPECT_EQ(retry.counts().successful_without_retry, 1U);
    EXPECT_EQ(retry.counts().successful_with_retry, 2U);
    EXPECT_EQ(retry.counts().failed_without_retry, 1U);
    EXPECT_EQ(retry.counts().failed_with_retry, 1U);
}

}  // namespace
}  // namespace platform::resilience
