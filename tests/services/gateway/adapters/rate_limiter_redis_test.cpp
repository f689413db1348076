#include "tests/backends/redis_server.hpp"
#include "tests/services/gateway/fake_upstream.hpp"
#include "tests/services/gateway/running_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using platform::test::RedisServer;

TEST(GatewayRateLimitRedis, IsSharedByAllGatewaysAndSurvivesTheLossOfRedis) {
    RedisServer redis;  // one of its own, since it goes away
    test::FakeUpstream order;
    const test::Settings settings{
        {"UPSTREAM_ORDER", order.address()},
        {"RATE_LIMIT_STORE", "redis"},
        {"REDIS_PORT", std::to_string(redis.port())},
        {"REDIS_TIMEOUT", "5s"},  // the machine may be busy
        {"RATE_LIMIT_REPLENISH", "1"},
        {"RATE_LIMIT_BURST", "6"},
        {"RATE_LIMIT_REPLICAS", "2"},
    };
    test::RunningGateway one(settings);
    test::RunningGateway two(settings);
    int allowed = 0;
    for (int i = 0; i < 10; ++i) {
        allowed += one.get("/api/orders").status == 200 ? 1 : 0;
        allowed += two.get("/api/orders").status == 200 ? 1 : 0;
    }
    EXPECT_GE(allowed, 6);
    EXPECT_LE(allowed, 12) << "one bucket for both gateways, refilled by one a second";
    EXPECT_EQ(one.metric("redis_ratelimit_degraded{application=\"gateway\"}"), "0");
    EXPECT_EQ(redis.command("EXISTS request_rate_limiter.{orders.127.0.0.1}.tokens"), ":1");

    redis.kill();
    EXPECT_TRUE(test::eventually([&] {
        (void)one.get("/api/orders");
        return one.metric("redis_ratelimit_degraded{application=\"gateway\"}") == "1";
    }));
    EXPECT_TRUE(test::eventually([&] { return one.get("/api/orders").status == 200; }))
        << "the local share refills";

    redis.start();
    EXPECT_TRUE(test::eventually([&] {
        (void)one.get("/api/orders");
        return one.metric("redis_ratelimit_degraded{application=\"gateway\"}") == "0";
    }));
}

}  // namespace
}  // namespace platform::gateway
