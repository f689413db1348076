#include "shared/resilience/rate_limiter.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <utility>

namespace platform::resilience {

RateLimiter::RateLimiter(std::string name, Options options, const Clock& clock)
    : name_(std::move(name)),
      options_(options),
      clock_(clock),
      start_(clock.now()),
      permissions_(options.limit_for_period) {
    CHECK(options.limit_for_period > 0, "a limit of none would never let a call through");
    CHECK(options.limit_refresh_period > Duration::zero(), "a period takes some time");
}

std::optional<Duration> RateLimiter::reserve() {
    const std::lock_guard lock(mutex_);
    const Duration now = since_start();
    const std::int64_t period = now / options_.limit_refresh_period;
    refresh(period);
    if (permissions_ > 0) {
        --permissions_;
        return Duration::zero();
    }
    // 0 permissions: the first one of the next period; -limit: the first one of the period after it.
    const std::int64_t periods = 1 + -permissions_ / options_.limit_for_period;
    const Duration wait = (period + periods) * options_.limit_refresh_period - now;
    if (wait > options_.timeout_duration) return std::nullopt;
    --permissions_;
    return wait;
}

std::int64_t RateLimiter::available_permissions() {
    const std::lock_guard lock(mutex_);
    refresh(since_start() / options_.limit_refresh_period);
    return permissions_;
}

Duration RateLimiter::since_start() const {
    return clock_.now() - start_;
}

/// Called with the lock held. Bounded before it is multiplied: periods may be nanoseconds.
void RateLimiter::refresh(std::int64_t period) {
    const std::int64_t limit = options_.limit_for_period;
    const std::int64_t needed = (limit - permissions_ + limit - 1) / limit;  // periods until all is there again
    permissions_ = std::min(limit, permissions_ + std::min(period - period_, needed) * limit);
    period_ = period;
}

}  // namespace platform::resilience
