#include "shared/runtime/stop_signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace platform {
namespace {

TEST(StopSignals, WaitsForTermOrInt) {
    const StopSignals signals;
    kill(getpid(), SIGTERM);
    EXPECT_EQ(signals.wait(), SIGTERM);
    kill(getpid(), SIGINT);
    EXPECT_EQ(signals.wait(), SIGINT);
}

TEST(StopSignals, ARequestFromAnotherThreadEndsTheWait) {
    const StopSignals signals;
    const std::jthread asks([] { StopSignals::request(); });
    EXPECT_EQ(signals.wait(), SIGTERM);
}

TEST(StopSignals, AWriteToAClosedPipeIsAnErrorNotADeath) {
    const StopSignals signals;
    int ends[2] = {-1, -1};
    ASSERT_EQ(pipe(ends), 0);
    close(ends[0]);
    EXPECT_EQ(write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    close(ends[1]);
}

}  // namespace
}  // namespace platform
