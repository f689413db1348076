#include "shared/resilience/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ResilienceMetrics, ShowABreakerUnderResilience4jNames) {
    FakeClock clock;
    CircuitBreaker breaker(
        "orders",
        {.sliding_window_size = 4, .minimum_number_of_calls = 4, .slow_call_duration_threshold = 1s},
        clock
    );
    metrics::Registry registry("gateway");
    publish(registry, breaker);
    EXPECT_THAT(
        registry.scrape(),
        HasSubstr("resilience4j_circuitbreaker_failure_rate{application=\"gateway\",name=\"orders\"} -1\n")
    );

    for (const auto took : {1ms, 2000ms}) {
        EXPECT_TRUE(breaker.try_acquire());
        breaker.failed(took);
        EXPECT_TRUE(breaker.try_acquire());
        breaker.succeeded(1ms);
    }
    EXPECT_FALSE(breaker.try_acquire());
    const std::string text = registry.scrape();
    for (const char* line : {
             "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"open\"} 1\n",
             "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"closed\"} "
             "0\n",
             "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"half_open\"} "
             "0\n",
             "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"forced_"
             "open\"} 0\n",
             "resilience4j_circuitbreaker_buffered_calls{application=\"gateway\",kind=\"failed\",name="
             "\"orders\"} 2\n",
             "resilience4j_circuitbreaker_buffered_calls{application=\"gateway\",kind=\"successful\",name="
             "\"orders\"} 2\n",
             "resilience4j_circuitbreaker_slow_calls{application=\"gateway\",kind=\"failed\",name=\"orders\"}"
             " 1\n",
             "resilience4j_circuitbreaker_slow_calls{application=\"gateway\",kind=\"successful\",name="
             "\"orders\"} 0\n",
             "resilience4j_circuitbreaker_failure_rate{application=\"gateway\",name=\"orders\"} 50\n",
             "resilience4j_circuitbreaker_slow_call_rate{application=\"gateway\",name=\"orders\"} 25\n",
             "# TYPE resilience4j_circuitbreaker_not_permitted_calls_total counter\n",
             "resilience4j_circuitbreaker_not_permitted_calls_total{application=\"gateway\",kind=\"not_"
             "permitted\",name=\"orders\"} 1\n",
         }) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

TEST(ResilienceMetrics, ShowABulkheadsPlaces) {
    Bulkhead bulkhead("orders", 25);
    metrics::Registry registry("gateway");
    publish(registry, bulkhead);
    const auto permit = bulkhead.try_enter();
    const std::string text = registry.scrape();
    EXPECT_THAT(
        text,
        HasSubstr(
            "resilience4j_bulkhead_available_concurrent_calls{application=\"gateway\",name=\"orders\"} 24\n"
        )
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            "resilience4j_bulkhead_max_allowed_concurrent_calls{application=\"gateway\",name=\"orders\"} 25\n"
        )
    );
}

}  // namespace
}  // namespace platform::resilience
