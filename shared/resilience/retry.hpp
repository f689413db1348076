#pragma once
#include "shared/core/clock.hpp"
#include "shared/resilience/interval.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace platform::resilience {

/// Resilience4j's retry as a policy: how often, and how long in between. Whoever makes the calls asks it, waits in its own way, and says how it ended.
/// Thread-safe.
class Retry {
public:
    struct Options {
        int max_attempts = 3;  ///< the first one included
        Duration wait_duration = std::chrono::milliseconds(500);
        bool enable_exponential_backoff = false;
        double exponential_backoff_multiplier = 1.5;
        std::optional<Duration> exponential_max_wait_duration{};
        bool enable_randomized_wait = false;
        double randomized_wait_factor = 0.5;
        /// Not a property: attempts are never given up, as with the records of a topic; `maxAttempts` is refused then.
        bool without_limit = false;
    };
    explicit Retry(std::string name, Options options, std::uint64_t seed = 0);

    /// Whether another attempt may follow `attempts` failed ones.
    [[nodiscard]] bool allows(int attempts) const { return options_.without_limit || attempts < options_.max_attempts; }
    /// Before the attempt after `attempts` failed ones.
    [[nodiscard]] Duration wait(int attempts) { return interval_.of(attempts); }
    /// Once for each call with all its attempts.
    void done(int attempts, bool success);

    struct Counts {
        std::uint64_t successful_without_retry = 0;
        std::uint64_t successful_with_retry = 0;
        std::uint64_t failed_without_retry = 0;
        std::uint64_t failed_with_retry = 0;
    };
    [[nodiscard]] Counts counts() const;
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Options& options() const { return options_; }

private:
    const std::string name_;
    const Options options_;
    Interval interval_;
    std::atomic<std::uint64_t> good_at_once_{0};
    std::atomic<std::uint64_t> good_later_{0};
    std::atomic<std::uint64_t> bad_at_once_{0};
    std::atomic<std::uint64_t> bad_later_{0};
};

}  // namespace platform::resilience
