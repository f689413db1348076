#include "shared/resilience/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using Environment = std::map<std::string, std::string>;

Settings read(const std::string& yaml, Environment environment = {}) {
    const auto source = config::Source::of(std::move(environment), yaml);
    config::Reader reader(source);
    Settings settings = Settings::read(reader);
    reader.finish();
    return settings;
}

std::string refusal(const std::string& yaml, Environment environment = {}) {
    try {
        (void)read(yaml, std::move(environment));
    } catch (const config::SettingError& error) {
        return error.what();
    }
    return "";
}

constexpr const char* kTree = R"(
resilience4j:
  circuitbreaker:
    configs:
      default: {slidingWindowSize: 20, failureRateThreshold: 40}
      fast: {base-config: default, wait-duration-in-open-state: 2s, sliding-window-type: TIME_BASED}
    instances:
      order-kafka: {baseConfig: fast, minimumNumberOfCalls: 5, registerHealthIndicator: true}
      payment-kafka: {failure-rate-threshold: 60.5}
  retry:
    instances:
      order-kafka: {maxAttempts: 4, waitDuration: 250, enableExponentialBackoff: true, exponentialMaxWaitDuration: 8s}
  bulkhead.instances.provider: {maxConcurrentCalls: 5, maxWaitDuration: 10ms}
  ratelimiter: {instances: {provider: {limitForPeriod: 7, limitRefreshPeriod: 1s, timeoutDuration: 0}}}
  timelimiter: {instances: {provider: {timeoutDuration: 3s, cancelRunningFuture: true}}}
)";

TEST(ResilienceSettings, AnInstanceInheritsFromItsConfigAndThatFromItsOwn) {
    const auto order = read(kTree).circuit_breaker("order-kafka", {.minimum_number_of_calls = 1, .slow_call_rate_threshold = 77});
    EXPECT_EQ(order.minimum_number_of_calls, 5);
    EXPECT_EQ(order.sliding_window_type, SlidingWindow::Type::TimeBased);
    EXPECT_EQ(order.wait_duration_in_open_state, 2s);
    EXPECT_EQ(order.sliding_window_size, 20);
    EXPECT_EQ(order.failure_rate_threshold, 40);
    EXPECT_EQ(order.slow_call_rate_threshold, 77) << "the program's own";
    EXPECT_TRUE(order.register_health_indicator);
}

TEST(ResilienceSettings, WithoutABaseConfigTheDefaultHolds) {
    const auto payment = read(kTree).circuit_breaker("payment-kafka", {});
    EXPECT_EQ(payment.failure_rate_threshold, 60.5);
    EXPECT_EQ(payment.sliding_window_size, 20);
    EXPECT_EQ(payment.wait_duration_in_open_state, 60s);
    EXPECT_EQ(read(kTree).circuit_breaker("another", {}).failure_rate_threshold, 40);
}

TEST(ResilienceSettings, TheOtherSections) {
    const Settings settings = read(kTree);
    const auto retry = settings.retry("order-kafka", {});
    EXPECT_EQ(retry.max_attempts, 4);
    EXPECT_EQ(retry.wait_duration, 250ms);
    EXPECT_TRUE(retry.enable_exponential_backoff);
    EXPECT_EQ(retry.exponential_max_wait_duration, Duration(8s));
    EXPECT_EQ(settings.bulkhead("provider", {}).max_concurrent_calls, 5);
    EXPECT_EQ(settings.bulkhead("provider", {}).max_wait_duration, 10ms);
    EXPECT_EQ(settings.rate_limiter("provider", {}).limit_for_period, 7);
    EXPECT_EQ(settings.rate_limiter("provider", {}).timeout_duration, 0s);
    EXPECT_EQ(settings.time_limiter("provider", {}).timeout_duration, 3s);
}

TEST(ResilienceSettings, VariablesAreReadInSpringsFormAndWinOverTheFile) {
    const Settings settings = read(
        kTree,
        {{"RESILIENCE4J_CIRCUITBREAKER_INSTANCES_ORDERKAFKA_MINIMUMNUMBEROFCALLS", "9"},
         {"RESILIENCE4J_RETRY_INSTANCES_ORDER_KAFKA_EXPONENTIAL_MAX_WAIT_DURATION", "4s"},
         {"RESILIENCE4J_BULKHEAD_CONFIGS_DEFAULT_MAXCONCURRENTCALLS", "2"}}
    );
    EXPECT_EQ(settings.circuit_breaker("order-kafka", {}).minimum_number_of_calls, 9);
    EXPECT_EQ(settings.retry("order-kafka", {}).exponential_max_wait_duration, Duration(4s));
    EXPECT_EQ(settings.retry("order-kafka", {}).wait_duration, 250ms) << "the longest name is meant";
    EXPECT_EQ(settings.bulkhead("another", {}).max_concurrent_calls, 2);
}

TEST(ResilienceSettings, WhatIsNotUnderstoodStopsTheStartByItsName) {
    const std::string breaker = "resilience4j.circuitbreaker.instances.a.";
    for (const auto& [yaml, named] : std::map<std::string, std::string>{
             {breaker + "slidingWindowSise: 5", "slidingWindowSise"},
             {breaker + "slidingWindowSize: many", "slidingWindowSize"},
             {breaker + "recordExceptions: [java.io.IOException]", "recordExceptions"},
             {breaker + "baseConfig: shared", "shared"},
             {"resilience4j.thread-pool-bulkhead.instances.a.coreThreadPoolSize: 2", "thread-pool-bulkhead"},
             {"resilience4j.circuitbreaker.circuitBreakerAspectOrder: 1", "circuitBreakerAspectOrder"},
             {"resilience4j.circuitbreaker.instances: 1", "circuitbreaker.instances"},
             {"resilience4j: 1", "resilience4j"},
             {"resilience4j.enabled: true", "resilience4j.enabled"},
         }) {
        EXPECT_THAT(refusal(yaml), HasSubstr(named)) << yaml;
    }
    EXPECT_THAT(refusal("", {{"RESILIENCE4J_RETRY_INSTANCES_A_MAXTRIES", "1"}}), HasSubstr("MAXTRIES"));
    EXPECT_THAT(refusal("", {{"RESILIENCE4J_RETRY_INSTANCES_A_MAXATTEMPTS", "0"}}), HasSubstr("whole number"));
    EXPECT_THAT(refusal("", {{"RESILIENCE4J_METRICS", "1"}}), HasSubstr("RESILIENCE4J_METRICS"));
    EXPECT_THAT(
        refusal("resilience4j.retry.instances.a: {maxAttempts: 1, max-attempts: 2}"),
        AllOf(HasSubstr("max"), HasSubstr("is set before as"))
    );
    EXPECT_THAT(
        refusal("resilience4j.retry.configs: {a: {baseConfig: b}, b: {baseConfig: a}}"), HasSubstr("leads back")
    );
}

TEST(ResilienceSettings, AnInstanceThatTheProgramHasNotStopsTheStart) {
    const Settings settings = read(kTree);
    std::map<std::string, std::set<std::string>> known{
        {"circuitbreaker", {"order-kafka", "payment-kafka"}},
        {"retry", {"orderKafka"}},
        {"bulkhead", {"provider"}},
        {"ratelimiter", {"provider"}},
        {"timelimiter", {"provider"}},
    };
    EXPECT_NO_THROW(settings.check_instances(known));
    known["bulkhead"] = {"other"};
    try {
        settings.check_instances(known);
        FAIL() << "its settings would do nothing";
    } catch (const config::SettingError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("resilience4j.bulkhead.instances.provider"), HasSubstr("other")));
    }
}

TEST(ResilienceSettings, AttemptsWithoutLimitHaveNoMaximum) {
    EXPECT_THROW((void)read(kTree).retry("order-kafka", {.without_limit = true}), config::SettingError);
    EXPECT_NO_THROW((void)read(kTree).retry("another", {.without_limit = true}));
}

}  // namespace
}  // namespace platform::resilience
