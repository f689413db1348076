#pragma once
#include "shared/core/clock.hpp"
#include "shared/redis/token_bucket.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace platform::redis {

/// The same bucket in this process, for when Redis is away. Remembers at most `max_keys` ids, forgetting full buckets first. Thread-safe.
class LocalBucket {
public:
    LocalBucket(const Clock& clock, std::size_t max_keys = 10'000);
    [[nodiscard]] Verdict take(const std::string& id, const Rate& rate);

private:
    struct Bucket {
        double tokens = 0;
        Instant refilled;
    };
    [[nodiscard]] static double level(const Bucket& bucket, Instant now, double per_second, double capacity);
    void make_room(Instant now, double per_second, double capacity);

    const Clock& clock_;
    const std::size_t max_keys_;
    std::mutex mutex_;
    std::unordered_map<std::string, Bucket> buckets_;  // guarded by mutex_
};

}  // namespace platform::redis
