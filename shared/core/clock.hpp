#pragma once
#include <chrono>
#include <mutex>

namespace platform {

using Duration = std::chrono::nanoseconds;
/// Monotonic time, for waiting and measuring. Its zero means nothing.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// Calendar time in UTC with microseconds, as MySQL's DATETIME(6) keeps it.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// The only source of time. Thread-safe.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] WallTime wall() const override;
};

/// Time that moves only when told to; for tests and simulation. Thread-safe.
class FakeClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] WallTime wall() const override;
    /// Moves both clocks forward. Needs `by` >= 0.
    void advance(Duration by);

private:
    mutable std::mutex mutex_;
    Duration passed_{0};  // guarded by mutex_
};

}  // namespace platform
