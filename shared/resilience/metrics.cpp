#include "shared/resilience/metrics.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace platform::resilience {
namespace {

using State = CircuitBreaker::State;

void publish_state(metrics::Registry& registry, CircuitBreaker& breaker) {
    const std::pair<const char*, State> states[] = {
        {"closed", State::Closed},
        {"open", State::Open},
        {"half_open", State::HalfOpen},
        {"forced_open", State::ForcedOpen},
        {"disabled", State::Disabled},
        {"metrics_only", State::MetricsOnly},
    };
    for (const auto& [name, state] : states) {
        registry.gauge_from(
            "resilience4j_circuitbreaker_state",
            "The states of the circuit breaker",
            {{"name", breaker.name()}, {"state", name}},
            [&breaker, wanted = state] { return breaker.snapshot().state == wanted ? 1.0 : 0.0; }
        );
    }
}

metrics::Timer call_timer(metrics::Registry& registry, const std::string& name, const char* kind) {
    return registry.timer(
        "resilience4j_circuitbreaker_calls_seconds", "Calls behind the circuit breaker", {{"name", name}, {"kind", kind}}
    );
}

/// Publishes one number of the snapshot.
template <class Read>
void publish_number(
    metrics::Registry& registry,
    CircuitBreaker& breaker,
    const char* name,
    const char* help,
    metrics::Labels labels,
    Read read
) {
    labels.emplace("name", breaker.name());
    registry.gauge_from(name, help, labels, [&breaker, read] {
        return static_cast<double>(read(breaker.snapshot()));
    });
}

}  // namespace

void publish(metrics::Registry& registry, CircuitBreaker& breaker) {
    using Snapshot = CircuitBreaker::Snapshot;
    breaker.set_timers(
        {.successful = call_timer(registry, breaker.name(), "successful"),
         .failed = call_timer(registry, breaker.name(), "failed"),
         .ignored = call_timer(registry, breaker.name(), "ignored")}
    );
    publish_state(registry, breaker);
    const auto number = [&](const char* name, const char* help, metrics::Labels labels, auto read) {
        publish_number(registry, breaker, name, help, std::move(labels), read);
    };
    constexpr auto* kBuffered = "resilience4j_circuitbreaker_buffered_calls";
    constexpr auto* kBufferedHelp = "The number of calls in the window";
    number(kBuffered, kBufferedHelp, {{"kind", "failed"}}, [](const Snapshot& s) { return s.failed_calls; });
    number(kBuffered, kBufferedHelp, {{"kind", "successful"}}, [](const Snapshot& s) {
        return s.buffered_calls - s.failed_calls;
    });
    constexpr auto* kSlow = "resilience4j_circuitbreaker_slow_calls";
    constexpr auto* kSlowHelp = "The number of slow calls in the window";
    number(kSlow, kSlowHelp, {{"kind", "failed"}}, [](const Snapshot& s) { return s.slow_failed_calls; });
    number(kSlow, kSlowHelp, {{"kind", "successful"}}, [](const Snapshot& s) {
        return s.slow_calls - s.slow_failed_calls;
    });
    number(
        "resilience4j_circuitbreaker_failure_rate",
        "Failed calls in percent, -1 when too few",
        {},
        [](const Snapshot& s) { return s.failure_rate; }
    );
    number(
        "resilience4j_circuitbreaker_slow_call_rate",
        "Slow calls in percent, -1 when too few",
        {},
        [](const Snapshot& s) { return s.slow_call_rate; }
    );
    registry.counter_from(
        "resilience4j_circuitbreaker_not_permitted_calls_total",
        "Calls that the breaker refused",
        {{"name", breaker.name()}, {"kind", "not_permitted"}},
        [&breaker] { return static_cast<double>(breaker.snapshot().not_permitted_calls); }
    );
}

void publish(metrics::Registry& registry, const Retry& retry) {
    using Counts = Retry::Counts;
    const auto count = [&](const char* kind, std::uint64_t Counts::*member) {
        registry.counter_from(
            "resilience4j_retry_calls_total",
            "Calls by how many attempts they took",
            {{"name", retry.name()}, {"kind", kind}},
            [&retry, member] { return static_cast<double>(retry.counts().*member); }
        );
    };
    count("successful_without_retry", &Counts::successful_without_retry);
    count("successful_with_retry", &Counts::successful_with_retry);
    count("failed_without_retry", &Counts::failed_without_retry);
    count("failed_with_retry", &Counts::failed_with_retry);
}

void publish(metrics::Registry& registry, RateLimiter& limiter) {
    registry.gauge_from(
        "resilience4j_ratelimiter_available_permissions",
        "Permissions of the period; below 0 when later ones are reserved",
        {{"name", limiter.name()}},
        [&limiter] { return static_cast<double>(limiter.available_permissions()); }
    );
    registry.gauge_from(
        "resilience4j_ratelimiter_waiting_threads",
        "Callers that wait for a permission",
        {{"name", limiter.name()}},
        [&limiter] { return static_cast<double>(std::max<std::int64_t>(0, -limiter.available_permissions())); }
    );
}

void publish(metrics::Registry& registry, const TimeLimiter& limiter) {
    using Counts = TimeLimiter::Counts;
    const auto count = [&](const char* kind, std::uint64_t Counts::*member) {
        registry.counter_from(
            "resilience4j_timelimiter_calls_total",
            "Calls with a deadline, by how they ended",
            {{"name", limiter.name()}, {"kind", kind}},
            [&limiter, member] { return static_cast<double>(limiter.counts().*member); }
        );
    };
    count("successful", &Counts::successful);
    count("failed", &Counts::failed);
    count("timeout", &Counts::timeout);
}

void publish(metrics::Registry& registry, const Bulkhead& bulkhead) {
    registry.gauge_from(
        "resilience4j_bulkhead_available_concurrent_calls",
        "Free places of the bulkhead",
        {{"name", bulkhead.name()}},
        [&bulkhead] { return static_cast<double>(bulkhead.available()); }
    );
    registry.gauge_from(
        "resilience4j_bulkhead_max_allowed_concurrent_calls",
        "Places of the bulkhead",
        {{"name", bulkhead.name()}},
        [&bulkhead] { return static_cast<double>(bulkhead.max()); }
    );
}

}  // namespace platform::resilience
