#include "shared/core/check.hpp"

#include <gtest/gtest.h>

namespace platform {
namespace {

TEST(Check, LetsATrueConditionPass) {
    int evaluated = 0;
    CHECK(++evaluated == 1, "one is one");
    EXPECT_EQ(evaluated, 1);
}

TEST(CheckDeathTest, WritesOneJsonLineAndAborts) {
    const int left = 3;
    EXPECT_DEATH(
        CHECK(left == 0, "all is given back"),
        R"(\{"level":"error","message":"a bug: an invariant is broken","condition":"left == 0","why":"all is given back","where":".*check_test.cpp:[0-9]+"\})"
    );
}

TEST(CheckDeathTest, EscapesTheConditionsQuotes) {
    const char text[] = "a";
    EXPECT_DEATH(CHECK(text[0] == "b"[0], "quotes"), R"(text\[0\] == \\"b\\"\[0\])");
}

}  // namespace
}  // namespace platform
