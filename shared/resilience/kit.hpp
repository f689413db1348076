#pragma once
#include "shared/core/clock.hpp"
#include "shared/resilience/bulkhead.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/resilience/rate_limiter.hpp"
#include "shared/resilience/retry.hpp"
#include "shared/resilience/settings.hpp"
#include "shared/resilience/time_limiter.hpp"
#include "shared/telemetry/metrics.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace platform::resilience {

/// The named guards of one program: made from its settings, shown in its metrics and by its actuator. Each one lives as long as the kit. Guards are made
/// while the program is wired, by one thread; afterwards thread-safe. `usual` is what holds when nobody sets anything.
class Kit {
public:
    Kit(Settings settings, const Clock& clock, metrics::Registry& registry)
        : settings_(std::move(settings)), clock_(clock), registry_(registry) {}
    Kit(const Kit&) = delete;
    Kit& operator=(const Kit&) = delete;

    [[nodiscard]] CircuitBreaker& circuit_breaker(const std::string& name, CircuitBreaker::Options usual = {});
    [[nodiscard]] Retry& retry(const std::string& name, Retry::Options usual = {});
    [[nodiscard]] Bulkhead& bulkhead(const std::string& name, Bulkhead::Options usual = {});
    [[nodiscard]] RateLimiter& rate_limiter(const std::string& name, RateLimiter::Options usual = {});
    [[nodiscard]] TimeLimiter& time_limiter(const std::string& name, TimeLimiter::Options usual = {});

    /// Call when all guards are made: throws config::SettingError when the settings name one that there is not.
    void finish() const;

    [[nodiscard]] std::deque<CircuitBreaker>& circuit_breakers() { return breakers_; }
    [[nodiscard]] std::deque<Retry>& retries() { return retries_; }
    [[nodiscard]] std::deque<Bulkhead>& bulkheads() { return bulkheads_; }
    [[nodiscard]] std::deque<RateLimiter>& rate_limiters() { return rate_limiters_; }
    [[nodiscard]] std::deque<TimeLimiter>& time_limiters() { return time_limiters_; }
    /// Null when there is none.
    [[nodiscard]] CircuitBreaker* find_circuit_breaker(const std::string& name);

private:
    void add(const char* section, const std::string& name);

    const Settings settings_;
    const Clock& clock_;
    metrics::Registry& registry_;
    std::map<std::string, std::set<std::string>> names_;
    std::deque<CircuitBreaker> breakers_;  // deques: their members stay where they are
    std::deque<Retry> retries_;
    std::deque<Bulkhead> bulkheads_;
    std::deque<RateLimiter> rate_limiters_;
    std::deque<TimeLimiter> time_limiters_;
};

}  // namespace platform::resilience
