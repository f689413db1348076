#include "shared/redis/local_bucket.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <cmath>

namespace platform::redis {

LocalBucket::LocalBucket(const Clock& clock, std::size_t max_keys) : clock_(clock), max_keys_(max_keys) {
    CHECK(max_keys_ > 0, "there is room for one id");
}

Verdict LocalBucket::take(const std::string& id, const Rate& rate) {
    CHECK(rate.replenish_per_second > 0 && rate.burst > 0 && rate.requested > 0, "a rate is positive");
    const auto capacity = static_cast<double>(rate.burst);
    const auto per_second = static_cast<double>(rate.replenish_per_second);
    const auto wanted = static_cast<double>(rate.requested);
    const Instant now = clock_.now();

    const std::scoped_lock guard(mutex_);
    auto found = buckets_.find(id);
    if (found == buckets_.end()) {
        if (buckets_.size() >= max_keys_) make_room(now, per_second, capacity);
        found = buckets_.emplace(id, Bucket{.tokens = capacity, .refilled = now}).first;
    }
    Bucket& bucket = found->second;
    bucket.tokens = level(bucket, now, per_second, capacity);
    bucket.refilled = std::max(now, bucket.refilled);
    const bool allowed = bucket.tokens >= wanted;
    if (allowed) bucket.tokens -= wanted;
    const double missing = std::max(0.0, wanted - bucket.tokens);
    return {
        .allowed = allowed,
        .remaining = static_cast<std::int64_t>(bucket.tokens),
        .retry_after =
            std::chrono::microseconds(static_cast<std::int64_t>(std::ceil(missing / per_second * 1e6)))
    };
}

double LocalBucket::level(const Bucket& bucket, Instant now, double per_second, double capacity) {
    const std::chrono::duration<double> passed = std::max(Duration{0}, now - bucket.refilled);
    return std::min(capacity, bucket.tokens + passed.count() * per_second);
}

void LocalBucket::make_room(Instant now, double per_second, double capacity) {
    std::erase_if(buckets_, [&](const auto& entry) {
        return level(entry.second, now, per_second, capacity) >= capacity;
    });
    if (buckets_.size() < max_keys_) return;
    // None is full: the fullest one loses the least by being forgotten.
    const auto fullest = std::ranges::max_element(buckets_, {}, [&](const auto& entry) {
        return level(entry.second, now, per_second, capacity);
    });
    buckets_.erase(fullest);
}

}  // namespace platform::redis
