#pragma once
#include "shared/core/clock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace platform::metrics {

/// Upper bounds in seconds: fine where our own answers lie (half a millisecond to a second), coarse up to the time limits.
inline constexpr std::array kTimerBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

/// What one timer has seen. Not for other rooms. Thread-safe and free of locks, which the histogram of the library is not.
class TimerCell {
public:
    /// Durations below zero count as zero.
    void record(Duration duration, Instant now);

    struct Reading {
        std::array<std::uint64_t, kTimerBounds.size()> cumulative{};  ///< how many were not above each bound
        std::uint64_t count = 0;
        double sum_seconds = 0;
        double max_seconds = 0;  ///< of this minute and the two before it, as Micrometer's maximum fades; whole microseconds
    };
    [[nodiscard]] Reading read(Instant now) const;

private:
    static constexpr std::size_t kMinutes = 3;
    std::array<std::atomic<std::uint64_t>, kTimerBounds.size() + 1> counts_{};  // the last one is above all bounds
    std::atomic<std::int64_t> sum_nanos_{0};
    std::array<std::atomic<std::uint64_t>, kMinutes> peaks_{};  // a minute's number and its largest duration, in one word
};

}  // namespace platform::metrics
