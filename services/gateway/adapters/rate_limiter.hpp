#pragma once
#include "shared/core/clock.hpp"
#include "shared/redis/local_bucket.hpp"
#include "shared/redis/token_bucket.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace platform::gateway {

/// How many requests a client may send: a token bucket that all gateway pods share in Redis. While Redis is
/// away each pod keeps buckets of its own at its share of the rate, says so in `redis_ratelimit_degraded`,
/// and one call a second tries Redis again. Thread-safe.
class RateLimiter {
public:
    struct Options {
        bool use_redis = true;
        redis::Options redis;
        redis::Rate rate{.replenish_per_second = 1000, .burst = 2000, .requested = 1};
        std::int64_t replicas = 1;  ///< gateway pods, for the share without Redis
        Duration retry_pause = std::chrono::seconds(1);
    };
    RateLimiter(Options options, const Clock& clock, metrics::Registry& registry);

    [[nodiscard]] const redis::Rate& rate() const { return options_.rate; }

    /// A thread's own way to Redis. One thread at a time.
    class Session {
    public:
        [[nodiscard]] redis::Verdict take(const std::string& id);

    private:
        friend class RateLimiter;
        Session(RateLimiter& owner, std::unique_ptr<redis::TokenBucket> shared);
        RateLimiter& owner_;
        std::unique_ptr<redis::TokenBucket> shared_;  // null when Redis is not used
    };
    /// Does not connect yet.
    [[nodiscard]] Session session();

private:
    [[nodiscard]] bool may_try_redis();
    void note(const Result<redis::Verdict>& answer);

    const Options options_;
    const redis::Rate share_;
    const Clock& clock_;
    redis::LocalBucket local_;
    metrics::Gauge degraded_gauge_;
    metrics::Counter allowed_;
    metrics::Counter refused_;
    std::atomic<bool> degraded_{false};
    std::atomic<Instant> next_try_{Instant{}};
};

}  // namespace platform::gateway
