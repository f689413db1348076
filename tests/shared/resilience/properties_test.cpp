#include "shared/resilience/properties.hpp"

#include <gtest/gtest.h>

namespace platform::resilience::properties {
namespace {

using namespace std::chrono_literals;

TEST(PropertiesTest, AllSpellingsOfANameAreOne) {
    EXPECT_EQ(canonical("slidingWindowSize"), "slidingwindowsize");
    EXPECT_EQ(canonical("sliding-window-size"), "slidingwindowsize");
    EXPECT_EQ(canonical("SLIDING_WINDOW_SIZE"), "slidingwindowsize");
    EXPECT_NE(find("circuitbreaker", "slidingwindowsize"), nullptr);
    EXPECT_EQ(find("retry", "slidingwindowsize"), nullptr);
    EXPECT_TRUE(of_section("threadpoolbulkhead").empty());
}

TEST(PropertiesTest, TimesAreReadAsSpringReadsThem) {
    EXPECT_EQ(parse_time("250"), 250ms);
    EXPECT_EQ(parse_time("250ms"), 250ms);
    EXPECT_EQ(parse_time("500ns"), 500ns);
    EXPECT_EQ(parse_time("20us"), 20us);
    EXPECT_EQ(parse_time("10s"), 10s);
    EXPECT_EQ(parse_time("2m"), 2min);
    EXPECT_EQ(parse_time("1h"), 1h);
    EXPECT_EQ(parse_time("1d"), 24h);
    for (const char* bad : {"", "s", "-1s", "1.5s", "1 s", "10y", "9999999999999999999", "99999999999d"}) {
        EXPECT_EQ(parse_time(bad), std::nullopt) << bad;
    }
}

TEST(PropertiesTest, EachKindHasItsBounds) {
    struct Case {
        Kind kind;
        const char* text;
        bool good;
    };
    for (const auto& [kind, text, good] : {
             Case{Kind::Count, "1", true},          Case{Kind::Count, "0", false},
             Case{Kind::Count, "1.5", false},       Case{Kind::Count, "99999999999", false},
             Case{Kind::Percent, "100", true},      Case{Kind::Percent, "0", false},
             Case{Kind::Percent, "100.1", false},   Case{Kind::Percent, "nan", false},
             Case{Kind::Time, "1ms", true},         Case{Kind::Time, "0", false},
             Case{Kind::TimeOrNone, "0", true},     Case{Kind::TimeOrNone, "-1", false},
             Case{Kind::Multiplier, "1", true},     Case{Kind::Multiplier, "0.9", false},
             Case{Kind::Factor, "0", true},         Case{Kind::Factor, "1.1", false},
             Case{Kind::Flag, "true", true},        Case{Kind::Flag, "yes", false},
             Case{Kind::AlwaysTrue, "true", true},  Case{Kind::AlwaysTrue, "false", false},
             Case{Kind::Window, "TIME_BASED", true}, Case{Kind::Window, "time", false},
             Case{Kind::After, "CLOSED", true},     Case{Kind::After, "HALF_OPEN", false},
             Case{Kind::Initial, "DISABLED", true}, Case{Kind::Initial, "", false},
             Case{Kind::Config, "shared", true},    Case{Kind::Config, "", false},
         }) {
        EXPECT_EQ(fault_of(kind, text).empty(), good) << text << " as kind " << static_cast<int>(kind);
    }
}

TEST(PropertiesTest, WhatTheOriginalHasAndWeHaveNotIsExplained) {
    EXPECT_FALSE(why_not("recordexceptions").empty());
    EXPECT_FALSE(why_not("eventconsumerbuffersize").empty());
    EXPECT_TRUE(why_not("nosuchthing").empty());
}

}  // namespace
}  // namespace platform::resilience::properties
