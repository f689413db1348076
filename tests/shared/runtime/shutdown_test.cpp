#include "shared/runtime/shutdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace platform {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Shutdown, RunsInOrderWithWhatIsLeft) {
    FakeClock clock;
    Shutdown shutdown(clock);
    std::vector<std::string> order;
    std::vector<Duration> left;
    for (const char* name : {"not ready", "http", "relay"}) {
        shutdown.then(name, [&, name](Duration remaining) {
            order.emplace_back(name);
            left.push_back(remaining);
            clock.advance(3s);
        });
    }
    EXPECT_TRUE(shutdown.run(10s));
    EXPECT_THAT(order, ElementsAre("not ready", "http", "relay"));
    EXPECT_THAT(left, ElementsAre(10s, 7s, 4s));
}

TEST(Shutdown, RunsLaterStepsEvenWithoutTime) {
    FakeClock clock;
    Shutdown shutdown(clock);
    Duration left = 1h;
    shutdown.then("slow", [&](Duration) { clock.advance(30s); });
    shutdown.then("last", [&](Duration remaining) { left = remaining; });
    EXPECT_FALSE(shutdown.run(10s));
    EXPECT_EQ(left, 0s);
}

TEST(Shutdown, AFailingStepDoesNotStopTheOthers) {
    FakeClock clock;
    Shutdown shutdown(clock);
    bool ran = false;
    shutdown.then("bad", [](Duration) { throw std::runtime_error("no"); });
    shutdown.then("good", [&](Duration) { ran = true; });
    EXPECT_TRUE(shutdown.run(1s));
    EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace platform
