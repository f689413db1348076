#include "shared/resilience/kit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class KitTest : public testing::Test {
protected:
    static Settings settings(const std::string& yaml) {
        const auto source = config::Source::of({}, yaml);
        config::Reader reader(source);
        return Settings::read(reader);
    }
    FakeClock clock_;
    metrics::Registry registry_{"order-service"};
};

TEST_F(KitTest, GuardsHaveTheirSettingsAndShowInMetrics) {
    Kit kit(settings("resilience4j.retry.instances.calls.maxAttempts: 7"), clock_, registry_);
    EXPECT_EQ(kit.retry("calls", {.max_attempts = 2}).options().max_attempts, 7);
    auto& breaker = kit.circuit_breaker("calls", {.sliding_window_size = 2, .minimum_number_of_calls = 2});
    EXPECT_EQ(kit.find_circuit_breaker("calls"), &breaker);
    EXPECT_EQ(kit.find_circuit_breaker("others"), nullptr);
    (void)kit.bulkhead("calls");
    (void)kit.rate_limiter("calls");
    auto& time = kit.time_limiter("calls");
    EXPECT_EQ(time.timeout(), 1s);
    EXPECT_NO_THROW(kit.finish());

    ASSERT_TRUE(breaker.try_acquire());
    breaker.succeeded(3ms);
    ASSERT_TRUE(breaker.try_acquire());
    breaker.ignored(1ms);
    time.timed_out();
    kit.retries().front().done(2, true);
    const std::string text = registry_.scrape();
    const std::string labels = "{application=\"order-service\",kind=\"";
    for (const std::string& line : {
             "resilience4j_circuitbreaker_calls_seconds_count" + labels + "successful\",name=\"calls\"} 1",
             "resilience4j_circuitbreaker_calls_seconds_count" + labels + "ignored\",name=\"calls\"} 1",
             "resilience4j_circuitbreaker_calls_seconds_count" + labels + "failed\",name=\"calls\"} 0",
             "resilience4j_retry_calls_total" + labels + "successful_with_retry\",name=\"calls\"} 1",
             "resilience4j_timelimiter_calls_total" + labels + "timeout\",name=\"calls\"} 1",
             std::string("resilience4j_bulkhead_max_allowed_concurrent_calls{application=\"order-service\",name=\"calls\"} 25"),
             std::string("resilience4j_ratelimiter_available_permissions{application=\"order-service\",name=\"calls\"} 50"),
         }) {
        EXPECT_THAT(text, HasSubstr(line + "\n"));
    }
}

TEST_F(KitTest, AnInstanceThatNobodyMadeStopsTheStart) {
    Kit kit(settings("resilience4j.retry.instances.cals.maxAttempts: 7"), clock_, registry_);
    (void)kit.retry("calls");
    EXPECT_THROW(kit.finish(), config::SettingError);
}

}  // namespace
}  // namespace platform::resilience
