#include "services/gateway/adapters/rate_limiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RateLimiterTest : public testing::Test {
protected:
    static int allowed_of(RateLimiter::Session& session, const std::string& id, int requests) {
        int allowed = 0;
        for (int i = 0; i < requests; ++i) allowed += session.take(id).allowed ? 1 : 0;
        return allowed;
    }
    FakeClock clock_;
    metrics::Registry registry_{"gateway"};
};

TEST_F(RateLimiterTest, AloneKeepsTheWholeRate) {
    RateLimiter limiter(
        {.use_redis = false, .redis = {}, .rate = {.replenish_per_second = 5, .burst = 10}, .replicas = 4},
        clock_,
        registry_
    );
    auto session = limiter.session();
    auto other_thread = limiter.session();
    EXPECT_EQ(allowed_of(session, "a", 7), 7);
    EXPECT_EQ(allowed_of(other_thread, "a", 7), 3) << "one bucket for all threads";
    EXPECT_EQ(allowed_of(session, "b", 20), 10) << "one bucket a client";
    clock_.advance(1s);
    EXPECT_EQ(allowed_of(session, "a", 20), 5);
    const auto refused = session.take("a");
    EXPECT_FALSE(refused.allowed);
    EXPECT_GT(refused.retry_after, 0s);
    EXPECT_LE(refused.retry_after, 200ms);
    EXPECT_THAT(registry_.scrape(), HasSubstr("redis_ratelimit_degraded{application=\"gateway\"} 0\n"));
    EXPECT_THAT(
        registry_.scrape(),
        HasSubstr("gateway_ratelimit_requests_total{application=\"gateway\",outcome=\"allowed\"} 25\n")
    );
}

TEST_F(RateLimiterTest, WithoutItsRedisKeepsItsShareAndSaysSo) {
    // Port 1 of loopback is refused at once.
    RateLimiter limiter(
        {.use_redis = true,
         .redis = {.port = 1, .password = {}},
         .rate = {.replenish_per_second = 4, .burst = 8},
         .replicas = 2},
        clock_,
        registry_
    );
    auto session = limiter.session();
    EXPECT_EQ(allowed_of(session, "a", 20), 4);
    EXPECT_THAT(registry_.scrape(), HasSubstr("redis_ratelimit_degraded{application=\"gateway\"} 1\n"));
    clock_.advance(1s);
    EXPECT_EQ(allowed_of(session, "a", 20), 2);
}

TEST_F(RateLimiterTest, AShareIsNeverNothing) {
    RateLimiter limiter(
        {.use_redis = true,
         .redis = {.port = 1, .password = {}},
         .rate = {.replenish_per_second = 1, .burst = 1},
         .replicas = 100},
        clock_,
        registry_
    );
    auto session = limiter.session();
    EXPECT_TRUE(session.take("a").allowed);
    EXPECT_FALSE(session.take("a").allowed);
    clock_.advance(1s);
    EXPECT_TRUE(session.take("a").allowed);
}

}  // namespace
}  // namespace platform::gateway
