#include "shared/telemetry/log_throttle.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace platform::log {
namespace {

using namespace std::chrono_literals;

constexpr std::optional<std::uint64_t> kSilent;

TEST(LogThrottle, CountsRepeatsBeyondTheLimitAndSaysHowMany) {
    FakeClock clock;
    Throttle throttle(2);
    EXPECT_EQ(throttle.admit("lost", clock.now()), 0U);
    EXPECT_EQ(throttle.admit("lost", clock.now()), 0U);
    EXPECT_EQ(throttle.admit("lost", clock.now()), kSilent);
    EXPECT_EQ(throttle.admit("lost", clock.now()), kSilent);
    EXPECT_EQ(throttle.admit("other", clock.now()), 0U) << "each message has a limit of its own";
    clock.advance(999ms);
    EXPECT_EQ(throttle.admit("lost", clock.now()), kSilent);
    clock.advance(1ms);
    EXPECT_EQ(throttle.admit("lost", clock.now()), 3U);
    EXPECT_EQ(throttle.admit("lost", clock.now()), 0U);
    EXPECT_EQ(throttle.admit("lost", clock.now()), kSilent);
}

TEST(LogThrottle, RemembersABoundedNumberOfMessages) {
    FakeClock clock;
    Throttle throttle(1, 10);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(throttle.admit("message " + std::to_string(i), clock.now()), 0U);
    EXPECT_EQ(throttle.admit("message 999", clock.now()), kSilent);
}

}  // namespace
}  // namespace platform::log
