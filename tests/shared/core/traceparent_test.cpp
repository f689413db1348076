#include "shared/core/traceparent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::traceparent {
namespace {

const std::string kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Traceparent, KnowsTheFormOfTheStandard) {
    EXPECT_TRUE(valid(kGood));
    EXPECT_TRUE(valid("cc" + kGood.substr(2) + "-what-comes-later")) << "of a later version";
    for (const std::string& bad : {
             std::string(),
             kGood.substr(1),
             kGood + "-more",
             "ff" + kGood.substr(2),
             "cc" + kGood.substr(2) + ".more",
             std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
             std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
             std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
             std::string("00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01"),
             std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"),
         }) {
        EXPECT_FALSE(valid(bad)) << bad;
    }
}

TEST(Traceparent, TheNextHopKeepsTheTraceAndHasASpanOfItsOwn) {
    const SystemClock clock;
    UuidGenerator ids(clock, 7);
    const std::string hop = next_hop(kGood, ids);
    EXPECT_TRUE(valid(hop));
    EXPECT_EQ(hop.substr(0, 36), kGood.substr(0, 36));
    EXPECT_NE(hop.substr(36, 16), kGood.substr(36, 16));
    EXPECT_EQ(hop.substr(52), "-01");
    EXPECT_NE(next_hop(kGood, ids), hop);
}

TEST(Traceparent, WhatIsNotValidBeginsANewTraceThatNobodyAskedToSample) {
    const SystemClock clock;
    UuidGenerator ids(clock, 7);
    const std::string one = next_hop("", ids);
    const std::string other = next_hop("ff" + kGood.substr(2), ids);
    EXPECT_TRUE(valid(one));
    EXPECT_TRUE(valid(other));
    EXPECT_NE(one.substr(3, 32), other.substr(3, 32));
    EXPECT_TRUE(one.ends_with("-00"));
}

}  // namespace
}  // namespace platform::traceparent
