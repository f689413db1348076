#include "services/gateway/adapters/rate_limiter.hpp"

#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <utility>

namespace platform::gateway {
namespace {

redis::Rate share_of(const redis::Rate& rate, std::int64_t replicas) {
    const auto part = [replicas](std::int64_t whole) {
        return std::max<std::int64_t>(1, whole / std::max<std::int64_t>(1, replicas));
    };
    return {
        .replenish_per_second = part(rate.replenish_per_second),
        .burst = std::max(part(rate.burst), rate.requested),
        .requested = rate.requested,
    };
}

constexpr const char* kRequests = "gateway_ratelimit_requests_total";
constexpr const char* kRequestsHelp = "Requests that met the rate limit";

}  // namespace

RateLimiter::RateLimiter(Options options, const Clock& clock, metrics::Registry& registry)
    : options_(std::move(options)),
      share_(share_of(options_.rate, options_.replicas)),
      clock_(clock),
      local_(clock),
      degraded_gauge_(
          registry.gauge("redis_ratelimit_degraded", "1 while the rate limit is kept without Redis")
      ),
      allowed_(registry.counter(kRequests, kRequestsHelp, {{"outcome", "allowed"}})),
      refused_(registry.counter(kRequests, kRequestsHelp, {{"outcome", "refused"}})) {
    degraded_gauge_.set(0);
}

RateLimiter::Session RateLimiter::session() {
    if (!options_.use_redis) return {*this, nullptr};
    return {*this, std::make_unique<redis::TokenBucket>(options_.redis, clock_)};
}

RateLimiter::Session::Session(RateLimiter& owner, std::unique_ptr<redis::TokenBucket> shared)
    : owner_(owner), shared_(std::move(shared)) {}

redis::Verdict RateLimiter::Session::take(const std::string& id) {
    redis::Verdict verdict;
    bool decided = false;
    if (shared_ && owner_.may_try_redis()) {
        const auto answer = shared_->take(id, owner_.options_.rate);
        owner_.note(answer);
        decided = answer.has_value();
        if (answer) verdict = *answer;
    }
    if (!decided) verdict = owner_.local_.take(id, shared_ ? owner_.share_ : owner_.options_.rate);
    (verdict.allowed ? owner_.allowed_ : owner_.refused_).add();
    return verdict;
}

/// While degraded, one caller in each pause tries; the others do not wait for a Redis that is away.
bool RateLimiter::may_try_redis() {
    if (!degraded_) return true;
    const Instant now = clock_.now();
    Instant next = next_try_;
    return now >= next && next_try_.compare_exchange_strong(next, now + options_.retry_pause);
}

void RateLimiter::note(const Result<redis::Verdict>& answer) {
    const bool redis_answered = answer.has_value();
    if (!redis_answered) next_try_ = clock_.now() + options_.retry_pause;
    if (degraded_.exchange(!redis_answered) == !redis_answered) return;
    degraded_gauge_.set(redis_answered ? 0 : 1);
    if (redis_answered) {
        log::info("the rate limit is shared through Redis again");
    } else {
        log::warn("Redis is away; the rate limit is kept by each gateway alone", {{"why", answer.error().what}});
    }
}

}  // namespace platform::gateway
