#include "shared/telemetry/timer_cell.hpp"

#include <algorithm>
#include <chrono>

namespace platform::metrics {
namespace {

// A peak is 20 bits of minutes, two years of them, and 44 bits of microseconds, half a year.
constexpr unsigned kMicroBits = 44;
constexpr std::uint64_t kMostMicros = (std::uint64_t{1} << kMicroBits) - 1;
constexpr std::uint64_t kMinuteMask = (std::uint64_t{1} << (64U - kMicroBits)) - 1;

std::uint64_t minute_of(Instant now) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count());
}

std::uint64_t micros_of(Duration duration) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return std::min(static_cast<std::uint64_t>(micros), kMostMicros);
}

}  // namespace

void TimerCell::record(Duration duration, Instant now) {
    duration = std::max(duration, Duration::zero());
    const double seconds = std::chrono::duration<double>(duration).count();
    const auto bound = std::ranges::lower_bound(kTimerBounds, seconds) - kTimerBounds.begin();
    counts_[static_cast<std::size_t>(bound)].fetch_add(1, std::memory_order_relaxed);
    sum_nanos_.fetch_add(duration.count(), std::memory_order_relaxed);

    const std::uint64_t minute = minute_of(now);
    const std::uint64_t mine = ((minute & kMinuteMask) << kMicroBits) | micros_of(duration);
    std::atomic<std::uint64_t>& peak = peaks_[minute % kMinutes];
    std::uint64_t there = peak.load(std::memory_order_relaxed);
    // Another minute's peak gives way; one of this minute only to a larger one.
    while ((there >> kMicroBits) != (mine >> kMicroBits) || there < mine) {
        if (peak.compare_exchange_weak(there, mine, std::memory_order_relaxed)) break;
    }
}

TimerCell::Reading TimerCell::read(Instant now) const {
    Reading reading;
    for (std::size_t i = 0; i < kTimerBounds.size(); ++i) {
        reading.count += counts_[i].load(std::memory_order_relaxed);
        reading.cumulative[i] = reading.count;
    }
    reading.count += counts_.back().load(std::memory_order_relaxed);
    reading.sum_seconds = std::chrono::duration<double>(Duration(sum_nanos_.load(std::memory_order_relaxed))).count();

    const std::uint64_t minute = minute_of(now);
    std::uint64_t largest = 0;
    for (std::uint64_t ago = 0; ago < kMinutes && ago <= minute; ++ago) {
        const std::uint64_t peak = peaks_[(minute - ago) % kMinutes].load(std::memory_order_relaxed);
        if ((peak >> kMicroBits) == ((minute - ago) & kMinuteMask)) largest = std::max(largest, peak & kMostMicros);
    }
    reading.max_seconds = std::chrono::duration<double>(std::chrono::microseconds(largest)).count();
    return reading;
}

}  // namespace platform::metrics
