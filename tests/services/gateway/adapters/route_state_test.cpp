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
    resilience::Kit kit_{{}, clock_, registry_};
    Endpoints endpoints_{"order", {}, clock_};
};

TEST_F(RouteStateTest, OpensOnFailuresOfTheService) {
    RouteState state(route_, endpoints_, kit_, breaker_, registry_);
    for (const auto result :
         {CallResult::ServerError, CallResult::NotSent, CallResult::TimedOut, CallResult::Lost}) {
        ASSERT_TRUE(state.may_call());
        state.on_result(result, 1ms);
    }
    EXPECT_FALSE(state.may_call());
}

TEST_F(RouteStateTest, StaysClosedWhenTheServiceShedsLoadOrRefusesRequests) {
    RouteState state(route_, endpoints_, kit_, breaker_, registry_);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(state.may_call());
        state.on_result(i % 2 == 0 ? CallResult::Overloaded : CallResult::Answered, 1ms);
    }
    EXPECT_TRUE(state.may_call());
}

TEST_F(RouteStateTest, MeasuresCallsByThePatternOfTheRoute) {
    route_.pattern = "/api/orders*";
    RouteState state(route_, endpoints_, kit_, breaker_, registry_);
    state.on_call("GET", http::ClientResponse{.status = 404, .headers = {}, .body = {}}, 1ms);
    EXPECT_THAT(
        registry_.scrape(),
        HasSubstr(R"(http_client_requests_seconds_count{application="gateway",client_name="order",error="none",exception="none",method="GET",)"
                  R"(outcome="CLIENT_ERROR",status="404",uri="/api/orders*"} 1)")
    );
}

TEST_F(RouteStateTest, WithoutABreakerNeverRefuses) {
    route_.breaker = false;
    RouteState state(route_, endpoints_, kit_, breaker_, registry_);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(state.may_call());
        state.on_result(CallResult::NotSent, 1ms);
    }
    EXPECT_THAT(registry_.scrape(), testing::Not(HasSubstr("resilience4j_circuitbreaker_state")));
}

TEST_F(RouteStateTest, ItsGuardsAreSetByTheTreeOfTheOriginal) {
    const auto source = config::Source::of({}, R"(
resilience4j:
  circuitbreaker.instances.orders.slidingWindowSize: 7
  retry.instances.orders: {maxAttempts: 1, waitDuration: 3ms}
  bulkhead.instances.orders.maxConcurrentCalls: 3
)");
    config::Reader reader(source);
    resilience::Kit kit(resilience::Settings::read(reader), clock_, registry_);
    RouteState state(route_, endpoints_, kit, breaker_, registry_);
    EXPECT_NO_THROW(kit.finish());
    EXPECT_EQ(kit.find_circuit_breaker("orders")->options().sliding_window_size, 7);
    EXPECT_EQ(kit.find_circuit_breaker("orders")->options().minimum_number_of_calls, 4) << "the gateway's own";
    EXPECT_FALSE(state.retry().allows(1));
    EXPECT_EQ(state.bulkhead().max(), 3);
}

TEST_F(RouteStateTest, AWaitAtTheBulkheadIsRefusedSinceRequestsWaitInTheQueue) {
    const auto source = config::Source::of({{"RESILIENCE4J_BULKHEAD_INSTANCES_ORDERS_MAXWAITDURATION", "1s"}});
    config::Reader reader(source);
    resilience::Kit kit(resilience::Settings::read(reader), clock_, registry_);
    EXPECT_THROW(RouteState(route_, endpoints_, kit, breaker_, registry_), config::SettingError);
}

TEST_F(RouteStateTest, PublishesWhatDashboardsKnow) {
    RouteState state(route_, endpoints_, kit_, breaker_, registry_);
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
