#include "shared/http/resilience_endpoints.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::http::test {
namespace {

using namespace std::chrono_literals;
using State = resilience::CircuitBreaker::State;

class ResilienceEndpointsTest : public testing::Test {
protected:
    ResilienceEndpointsTest() {
        (void)kit.retry("order-kafka");
        (void)kit.bulkhead("provider");
        (void)kit.rate_limiter("provider");
        (void)kit.time_limiter("provider");
        declare_resilience(api, management, kit);
        api.start();
        management.start();
    }
    ~ResilienceEndpointsTest() override {
        api.stop();
        management.stop();
    }
    RawAnswer read(const std::string& path) const { return RawClient(api.port()).ask(get(path)); }
    static RawAnswer write(const Server& server, const std::string& path, const std::string& body) {
        return RawClient(server.port()).ask(post(path, body));
    }

    SystemClock clock;
    metrics::Registry registry{"order"};
    resilience::Kit kit{{}, clock, registry};
    resilience::CircuitBreaker& breaker =
        kit.circuit_breaker("order-kafka", {.sliding_window_size = 4, .minimum_number_of_calls = 4});
    Server api{{.host = "127.0.0.1"}, clock, registry};
    Server management{{.host = "127.0.0.1"}, clock, registry};
};

TEST_F(ResilienceEndpointsTest, ReadsHaveTheShapesOfTheOriginal) {
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        i == 0 ? breaker.failed(1ms) : breaker.succeeded(1ms);
    }
    EXPECT_EQ(
        read("/actuator/circuitbreakers").body,
        R"({"circuitBreakers":{"order-kafka":{"failureRate":"25.0%","slowCallRate":"0.0%","failureRateThreshold":"50.0%",)"
        R"("slowCallRateThreshold":"100.0%","bufferedCalls":4,"failedCalls":1,"slowCalls":0,"slowFailedCalls":0,)"
        R"("notPermittedCalls":0,"state":"CLOSED"}}})"
    );
    EXPECT_EQ(read("/actuator/retries").body, R"({"retries":["order-kafka"]})");
    EXPECT_EQ(read("/actuator/bulkheads").body, R"({"bulkheads":["provider"]})");
    EXPECT_EQ(read("/actuator/ratelimiters").body, R"({"rateLimiters":["provider"]})");
    EXPECT_EQ(read("/actuator/timelimiters").body, R"({"timeLimiters":["provider"]})");
}

TEST_F(ResilienceEndpointsTest, ABreakerIsSetByHandOnTheManagementPortAlone) {
    const std::string path = "/actuator/circuitbreakers/order-kafka";
    const auto forced = write(management, path, R"({"updateState":"FORCE_OPEN"})");
    EXPECT_EQ(forced.status, 200);
    EXPECT_EQ(
        forced.body,
        R"({"circuitBreakerName":"order-kafka","currentState":"FORCED_OPEN","message":"order-kafka state has been changed successfully"})"
    );
    EXPECT_EQ(breaker.snapshot().state, State::ForcedOpen);
    EXPECT_EQ(write(management, path, R"({"updateState":"DISABLE"})").status, 200);
    EXPECT_EQ(breaker.snapshot().state, State::Disabled);
    EXPECT_EQ(write(management, path, R"({"updateState":"CLOSE"})").status, 200);
    EXPECT_EQ(breaker.snapshot().state, State::Closed);

    EXPECT_EQ(write(api, path, R"({"updateState":"FORCE_OPEN"})").status, 404);
    EXPECT_EQ(breaker.snapshot().state, State::Closed);
}

TEST_F(ResilienceEndpointsTest, WhatIsNotUnderstoodChangesNothing) {
    const std::string path = "/actuator/circuitbreakers/order-kafka";
    for (const char* body : {"", "{}", "[]", R"({"updateState":"OPEN"})", R"({"updateState":1})", R"({"updateState":"CLOSE","more":1})"}) {
        EXPECT_EQ(write(management, path, body).status, 400) << body;
    }
    EXPECT_EQ(write(management, "/actuator/circuitbreakers/other", R"({"updateState":"CLOSE"})").status, 404);
    EXPECT_EQ(breaker.snapshot().state, State::Closed);
}

TEST(BreakersHealth, ShowsThoseThatAreRegisteredAndFailsOnlyWhereItMay) {
    const SystemClock clock;
    metrics::Registry registry{"order"};
    resilience::Kit kit({}, clock, registry);
    Health health;
    health.set_ready(true);
    add_breakers_health(health, kit);
    EXPECT_FALSE(health.overall().body.contains("circuitBreakers")) << "none is registered";
    auto& shown = kit.circuit_breaker("shown", {.register_health_indicator = true});
    auto& fails = kit.circuit_breaker("fails", {.register_health_indicator = true, .allow_health_indicator_to_fail = true});
    (void)kit.circuit_breaker("hidden");
    add_breakers_health(health, kit);
    shown.transition_to(State::Open);
    EXPECT_EQ(health.overall().http_status, 200);
    const std::string body = health.overall().body;
    EXPECT_TRUE(body.contains(R"("shown":{"status":"CIRCUIT_OPEN","details":{"failureRate":"-1.0%","failureRateThreshold":"50.0%",)")) << body;
    EXPECT_TRUE(body.contains(R"("fails":{"status":"UP",)")) << body;
    EXPECT_FALSE(health.overall().body.contains("hidden"));
    fails.transition_to(State::Open);
    EXPECT_EQ(health.overall().http_status, 503);
}

}  // namespace
}  // namespace platform::http::test
