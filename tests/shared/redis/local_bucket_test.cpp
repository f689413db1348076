#include "shared/redis/local_bucket.hpp"

#include <gtest/gtest.h>
#include <string>

namespace platform::redis {
namespace {

using namespace std::chrono_literals;

constexpr Rate kRate{.replenish_per_second = 10, .burst = 20, .requested = 1};

TEST(LocalBucket, GivesTheBurstThenTheRate) {
    FakeClock clock;
    LocalBucket bucket(clock);
    for (int i = 19; i >= 0; --i) {
        const Verdict verdict = bucket.take("a", kRate);
        EXPECT_TRUE(verdict.allowed);
        EXPECT_EQ(verdict.remaining, i);
    }
    Verdict refused = bucket.take("a", kRate);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.retry_after, 100ms);

    clock.advance(99ms);
    EXPECT_FALSE(bucket.take("a", kRate).allowed);
    clock.advance(1ms);
    EXPECT_TRUE(bucket.take("a", kRate).allowed);
    EXPECT_FALSE(bucket.take("a", kRate).allowed);
}

TEST(LocalBucket, NeverHoldsMoreThanTheBurst) {
    FakeClock clock;
    LocalBucket bucket(clock);
    ASSERT_TRUE(bucket.take("a", kRate).allowed);
    clock.advance(1h);
    int allowed = 0;
    while (bucket.take("a", kRate).allowed) ++allowed;
    EXPECT_EQ(allowed, 20);
}

TEST(LocalBucket, IdsAreApart) {
    FakeClock clock;
    LocalBucket bucket(clock);
    while (bucket.take("a", kRate).allowed) {
    }
    EXPECT_TRUE(bucket.take("b", kRate).allowed);
}

TEST(LocalBucket, AnExpensiveRequestTakesMore) {
    FakeClock clock;
    LocalBucket bucket(clock);
    const Rate expensive{.replenish_per_second = 10, .burst = 20, .requested = 15};
    EXPECT_TRUE(bucket.take("a", expensive).allowed);
    const Verdict refused = bucket.take("a", expensive);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 5);
    EXPECT_EQ(refused.retry_after, 1s);
}

TEST(LocalBucket, ForgetsTheFullestBucketFirst) {
    FakeClock clock;
    LocalBucket bucket(clock, 2);
    while (bucket.take("empty", kRate).allowed) {
    }
    ASSERT_TRUE(bucket.take("fuller", kRate).allowed);
    ASSERT_TRUE(bucket.take("new", kRate).allowed) << "there was no room";
    EXPECT_FALSE(bucket.take("empty", kRate).allowed) << "forgetting this one would have let a flood through";
}

TEST(LocalBucket, ManyIdsDoNotGrowIt) {
    FakeClock clock;
    LocalBucket bucket(clock, 3);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.take("id " + std::to_string(i), kRate).remaining, 19);
}

}  // namespace
}  // namespace platform::redis
