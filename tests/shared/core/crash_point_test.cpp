#include "shared/core/crash_point.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace platform {
namespace {

TEST(CrashPlanTest, ReadsANameAndAPass) {
    EXPECT_TRUE(CrashPlan::parse("order.after_commit:3"));
    for (const auto* text : {"", "order.after_commit", ":3", "x:", "x:0", "x:-1", "x:1y", "x: 1"}) {
        EXPECT_FALSE(CrashPlan::parse(text)) << text;
    }
}

TEST(CrashPlanDeathTest, KillsAtItsPassOfItsPoint) {
    auto plan = CrashPlan::parse("here:2");
    ASSERT_TRUE(plan);
    plan->pass("there");
    plan->pass("there");
    plan->pass("here");
    EXPECT_EXIT(plan->pass("here"), testing::KilledBySignal(SIGKILL), "");
}

TEST(CrashPlanDeathTest, AProgramWithoutPointsIgnoresThePlan) {
    EXPECT_EXIT(
        {
            ::setenv("CRASH_AT", "here:1", 1);
            crash_point("here");
            std::_Exit(7);
        },
        testing::ExitedWithCode(7),
        ""
    );
}

TEST(CrashPlanDeathTest, AProgramWithPointsFollowsThePlan) {
    EXPECT_EXIT(
        {
            ::setenv("CRASH_AT", "here:1", 1);
            pass_crash_point("here");
            std::_Exit(7);
        },
        testing::KilledBySignal(SIGKILL),
        ""
    );
}

}  // namespace
}  // namespace platform
