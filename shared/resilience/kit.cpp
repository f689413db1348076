#include "shared/resilience/kit.hpp"

#include "shared/core/check.hpp"
#include "shared/resilience/metrics.hpp"

#include <algorithm>

namespace platform::resilience {

CircuitBreaker& Kit::circuit_breaker(const std::string& name, CircuitBreaker::Options usual) {
    add("circuitbreaker", name);
    auto& made = breakers_.emplace_back(name, settings_.circuit_breaker(name, usual), clock_);
    publish(registry_, made);
    return made;
}

Retry& Kit::retry(const std::string& name, Retry::Options usual) {
    add("retry", name);
    auto& made = retries_.emplace_back(name, settings_.retry(name, usual));
    publish(registry_, made);
    return made;
}

Bulkhead& Kit::bulkhead(const std::string& name, Bulkhead::Options usual) {
    add("bulkhead", name);
    auto& made = bulkheads_.emplace_back(name, settings_.bulkhead(name, usual));
    publish(registry_, made);
    return made;
}

RateLimiter& Kit::rate_limiter(const std::string& name, RateLimiter::Options usual) {
    add("ratelimiter", name);
    auto& made = rate_limiters_.emplace_back(name, settings_.rate_limiter(name, usual), clock_);
    publish(registry_, made);
    return made;
}

TimeLimiter& Kit::time_limiter(const std::string& name, TimeLimiter::Options usual) {
    add("timelimiter", name);
    auto& made = time_limiters_.emplace_back(name, settings_.time_limiter(name, usual));
    publish(registry_, made);
    return made;
}

void Kit::finish() const {
    settings_.check_instances(names_);
}

CircuitBreaker* Kit::find_circuit_breaker(const std::string& name) {
    const auto found = std::ranges::find(breakers_, name, &CircuitBreaker::name);
    return found == breakers_.end() ? nullptr : &*found;
}

void Kit::add(const char* section, const std::string& name) {
    CHECK(names_[section].insert(name).second, "a name stands for one guard of its sort");
}

}  // namespace platform::resilience
