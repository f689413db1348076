#include "services/gateway/adapters/route_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RouteStateTest : public testing::Test {
protected:
    Route route_ = [] {
        Route route;
        route.id = "orders";
        route.upstream = "order";
        return route;
    }();
    resilience::CircuitBreaker::Options breaker_{.sliding_window_size = 4, .minimum_number_of_calls = 4};
    FakeClock clock_;
    metrics::Registry registry_{"gateway"};
    Endpoints endpoints_{"order", {}, clock_};
};

TEST_F(RouteStateTest, OpensOnFailuresOfTheService) {
    RouteState state(route_, endpoints_, breaker_, clock_, registry_);
    for (const auto result :
         {CallResult::ServerError, CallResult::NotSent, CallResult::TimedOut, CallResult::Lost}) {
        ASSERT_TRUE(state.may_call());
        state.on_result(result, 1ms);
    }
    EXPECT_FALSE(state.may_call());
}

TEST_F(RouteStateTest, StaysClosedWhenTheServiceShedsLoadOrRefusesRequests) {
    RouteState state(route_, endpoints_, breaker_, clock_, registry_);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(state.may_call());
        state.on_result(i % 2 == 0 ? CallResult::Overloaded : CallResult::Answered, 1ms);
    }
    EXPECT_TRUE(state.may_call());
}

TEST_F(RouteStateTest, WithoutABreakerNeverRefuses) {
    route_.breaker = false;
    RouteState state(route_, endpoints_, breaker_, clock_, registry_);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(state.may_call());
        state.on_result(CallResult::NotSent, 1ms);
    }
    EXPECT_THAT(registry_.scrape(), testing::Not(HasSubstr("resilience4j_circuitbreaker_state")));
}

TEST_F(RouteStateTest, PublishesWhatDashboardsKnow) {
    RouteState state(route_, endpoints_, breaker_, clock_, registry_);
    EXPECT_TRUE(state.may_call());
    state.on_result(CallResult::Answered, 2ms);
    state.on_tries(1, true);
    state.on_tries(3, true);
    state.on_tries(3, false);
    state.on_answer("GET", 200, 3ms);
    state.on_answer("GET", 503, 3ms);
    const std::string text = registry_.scrape();
    for (const char* series : {
             "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"closed\"} "
             "1\n",
             "resilience4j_circuitbreaker_calls_seconds_count{application=\"gateway\",kind=\"successful\","
             "name=\"orders\"} 1\n",
             "resilience4j_retry_calls_total{application=\"gateway\",kind=\"successful_without_retry\",name="
             "\"orders\"} 1\n",
             "resilience4j_retry_calls_total{application=\"gateway\",kind=\"successful_with_retry\",name="
             "\"orders\"} 1\n",
             "resilience4j_retry_calls_total{application=\"gateway\",kind=\"failed_with_retry\",name="
             "\"orders\"} 1\n",
             "resilience4j_bulkhead_max_allowed_concurrent_calls{application=\"gateway\",name=\"orders\"} "
             "24\n",
             "spring_cloud_gateway_requests_seconds_count{application=\"gateway\",httpMethod=\"GET\","
             "httpStatusCode=\"200\",outcome=\"SUCCESSFUL\","
             "routeId=\"orders\",routeUri=\"lb://order\",status=\"OK\"} 1\n",
             "httpStatusCode=\"503\",outcome=\"SERVER_ERROR\"",
         }) {
        EXPECT_THAT(text, HasSubstr(series));
    }
}

TEST(Judge, CountsAgainstTheServiceWhatIsItsFault) {
    EXPECT_EQ(judge(CallResult::Answered), BreakerVerdict::Success);
    EXPECT_EQ(judge(CallResult::Overloaded), BreakerVerdict::Ignored);
    for (const auto result :
         {CallResult::ServerError,
          CallResult::NotSent,
          CallResult::Lost,
          CallResult::TimedOut,
          CallResult::Unusable}) {
        EXPECT_EQ(judge(result), BreakerVerdict::Failure);
    }
}

}  // namespace
}  // namespace platform::gateway
