#include "shared/core/pause.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace platform {
namespace {

using namespace std::chrono_literals;

TEST(Pause, LastsItsLength) {
    const SystemClock clock;
    const Instant before = clock.now();
    pause(20ms);
    EXPECT_GE(clock.now() - before, 20ms);
}

TEST(Pause, OfNoLengthEndsAtOnce) {
    pause(0ms);
    pause(-1h);
}

TEST(Pause, EndsWhenAskedToStop) {
    std::stop_source stop;
    const std::jthread pausing([&] { pause(1h, stop.get_token()); });  // hangs otherwise: joined at the end
    stop.request_stop();
}

TEST(Pause, OnceStoppedDoesNotBegin) {
    std::stop_source stop;
    stop.request_stop();
    pause(1h, stop.get_token());
}

}  // namespace
}  // namespace platform
