#include "shared/otlp/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace platform::otlp {
namespace {

using namespace std::chrono_literals;

const Instant kNow{1h};

TEST(Gate, HasRoomForSoMany) {
    Gate gate({.room = 3, .enough = 2, .pause = 0s});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(gate.enter());
    EXPECT_FALSE(gate.enter());
    gate.leave(2);
    EXPECT_TRUE(gate.enter());
    EXPECT_TRUE(gate.enter());
    EXPECT_FALSE(gate.enter());
}

TEST(Gate, LetsNobodyInFromTheEndOn) {
    Gate gate({.room = 3, .enough = 2, .pause = 0s});
    EXPECT_TRUE(gate.enter());
    EXPECT_TRUE(gate.enter());
    gate.end(kNow);
    EXPECT_FALSE(gate.enter());
    gate.leave(1);
    EXPECT_FALSE(gate.enter());
    EXPECT_EQ(gate.stranded(), 1U);
    EXPECT_EQ(gate.stranded(), 0U);
    EXPECT_FALSE(gate.enter());
}

TEST(Gate, SaysWhetherABatchMayBegin) {
    Gate gate({.room = 3, .enough = 2, .pause = 0s});
    EXPECT_TRUE(gate.open(kNow));
    gate.lost();
    EXPECT_TRUE(gate.open(kNow)) << "the next one may be luckier";
    gate.end(kNow);
    EXPECT_TRUE(gate.open(kNow));
    EXPECT_FALSE(gate.open(kNow + 1ns));
    gate.lost();
    EXPECT_FALSE(gate.open(kNow)) << "no second try when time is short";
}

TEST(Gate, PausesUntilEnoughWait) {
    Gate gate({.room = 8, .enough = 4, .pause = 1h});
    std::atomic<bool> over = false;
    std::jthread waiting([&] {
        gate.pause();
        over = true;
    });
    while (!over) {  // a word that comes before anybody listens is lost, but then nobody waits either, or hears the next
        if (!gate.enter()) gate.leave(8);
    }
}

TEST(Gate, PausesNoLongerThanTold) {
    Gate gate({.room = 8, .enough = 4, .pause = 1ms});
    EXPECT_TRUE(gate.enter());
    gate.pause();
    EXPECT_EQ(gate.stranded(), 1U);
}

TEST(Gate, DoesNotPauseWhereEnoughWaitOrTheEndHasCome) {
    Gate full({.room = 8, .enough = 2, .pause = 1h});
    EXPECT_TRUE(full.enter());
    EXPECT_TRUE(full.enter());
    full.pause();
    Gate over({.room = 8, .enough = 2, .pause = 1h});
    over.end(kNow);
    over.pause();
}

TEST(Gate, TheEndEndsAPause) {
    for (int i = 0; i < 200; ++i) {
        Gate gate({.room = 8, .enough = 4, .pause = 1h});
        std::jthread waiting([&gate] { gate.pause(); });
        gate.end(kNow);
        waiting.join();
    }
}

}  // namespace
}  // namespace platform::otlp
