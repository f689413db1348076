#include "shared/core/clock.hpp"

#include "shared/core/time_text.hpp"

#include <gtest/gtest.h>

namespace platform {
namespace {

using namespace std::chrono_literals;

TEST(FakeClock, MovesOnlyWhenTold) {
    FakeClock clock;
    const Instant now = clock.now();
    const WallTime wall = clock.wall();
    EXPECT_EQ(clock.now(), now);
    clock.advance(1500ms);
    EXPECT_EQ(clock.now() - now, 1500ms);
    EXPECT_EQ(clock.wall() - wall, 1500ms);
}

TEST(FakeClock, StartsAtAKnownDay) {
    EXPECT_EQ(to_rfc3339(FakeClock().wall()), "2026-01-01T00:00:00.000000Z");
}

TEST(FakeClockDeathTest, NeverRunsBackwards) {
    FakeClock clock;
    EXPECT_DEATH(clock.advance(-1ns), "time does not run backwards");
}

TEST(SystemClock, IsMonotonicAndOnUtc) {
    const SystemClock clock;
    const Instant first = clock.now();
    EXPECT_GE(clock.now(), first);
    const auto away = std::chrono::abs(clock.wall() - std::chrono::system_clock::now());
    EXPECT_LT(away, 1min);
}

}  // namespace
}  // namespace platform
