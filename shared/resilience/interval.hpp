#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>

namespace platform::resilience {

/// Resilience4j's IntervalFunction: how long to wait the n-th time. Constant, or growing, or with chance in it, or both. Thread-safe.
class Interval {
public:
    struct Options {
        Duration initial{};
        bool exponential = false;
        double multiplier = 1.5;
        std::optional<Duration> ceiling;  ///< when exponential; chance does not exceed it
        bool randomized = false;
        double factor = 0.5;  ///< drawn evenly from [wait * (1 - factor), wait * (1 + factor)]
    };
    /// A seed of 0 takes a random one.
    explicit Interval(Options options, std::uint64_t seed = 0);
    /// `time` 1 = the first one. Never fails.
    [[nodiscard]] Duration of(int time);
    [[nodiscard]] const Options& options() const { return options_; }

private:
    const Options options_;
    std::mutex mutex_;
    std::uint64_t state_;  // guarded by mutex_
};

}  // namespace platform::resilience
