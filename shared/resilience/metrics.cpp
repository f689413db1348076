#include "shared/resilience/metrics.hpp"

#include <optional>
#include <utility>

namespace platform::resilience {
namespace {

using State = CircuitBreaker::State;

void publish_state(metrics::Registry& registry, const CircuitBreaker& breaker) {
    // The last three states exist in Resilience4j's dashboards; this breaker is never in them.
    const std::pair<const char*, std::optional<State>> states[] = {
        {"closed", State::Closed},
        {"open", State::Open},
        {"half_open", State::HalfOpen},
        {"forced_open", std::nullopt},
        {"disabled", std::nullopt},
        {"metrics_only", std::nullopt},
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

/// Publishes one number of the snapshot.
template <class Read>
void publish_number(
    metrics::Registry& registry,
    const CircuitBreaker& breaker,
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

void publish(metrics::Registry& registry, const CircuitBreaker& breaker) {
    using Snapshot = CircuitBreaker::Snapshot;
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
