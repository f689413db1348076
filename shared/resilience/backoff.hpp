#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>

namespace platform::resilience {

/// Delays between tries: doubling from `initial` to at most `ceiling`, each one drawn evenly from [delay * (1 - jitter), delay].
/// Thread-safe.
class Backoff {
public:
    struct Options {
        Duration initial = std::chrono::milliseconds(200);
        Duration ceiling = std::chrono::seconds(10);
        double multiplier = 2.0;
        double jitter = 0.5;  ///< 0..1
    };
    explicit Backoff(Options options, std::uint64_t seed = 0);
    /// `attempt` 1 = before the first repetition. Never fails.
    [[nodiscard]] Duration delay(int attempt);

private:
    Options options_;
    std::mutex mutex_;
    std::uint64_t state_;  // guarded by mutex_
};

}  // namespace platform::resilience
