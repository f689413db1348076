#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace platform::resilience {

/// Resilience4j's rate limiter: time is cut into periods, each one brings `limit_for_period` permissions; what is not used is lost. Who has to wait reserves
/// permissions of a coming period. Of one process; the limit that clients of the platform meet is the gateway's, in Redis. Thread-safe.
class RateLimiter {
public:
    struct Options {
        int limit_for_period = 50;
        Duration limit_refresh_period{500};  ///< nanoseconds, as there
        Duration timeout_duration = std::chrono::seconds(5);
    };
    /// Needs a limit and a period above 0.
    RateLimiter(std::string name, Options options, const Clock& clock);

    /// How long the caller has to wait before it may go, at most `timeout_duration`; nothing when that is not enough, and then nothing is reserved.
    [[nodiscard]] std::optional<Duration> reserve();
    /// Below 0 when permissions of coming periods are reserved.
    [[nodiscard]] std::int64_t available_permissions();
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Options& options() const { return options_; }

private:
    void refresh(std::int64_t period);
    [[nodiscard]] Duration since_start() const;

    const std::string name_;
    const Options options_;
    const Clock& clock_;
    const Instant start_;
    std::mutex mutex_;
    std::int64_t period_ = 0;  // both guarded by mutex_
    std::int64_t permissions_;
};

}  // namespace platform::resilience
