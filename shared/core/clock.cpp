#include "shared/core/clock.hpp"

#include "shared/core/check.hpp"

namespace platform {

Instant SystemClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

WallTime SystemClock::wall() const {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Instant FakeClock::now() const {
    const std::lock_guard lock(mutex_);
    return Instant{std::chrono::hours(1) + passed_};
}

WallTime FakeClock::wall() const {
    const std::lock_guard lock(mutex_);
    constexpr auto kStart = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
    return WallTime{kStart} + std::chrono::floor<std::chrono::microseconds>(passed_);
}

void FakeClock::advance(Duration by) {
    CHECK(by >= Duration::zero(), "time does not run backwards");
    const std::lock_guard lock(mutex_);
    passed_ += by;
}

}  // namespace platform
