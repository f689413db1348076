#include "shared/core/time_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace platform {
namespace {

using namespace std::chrono_literals;

TEST(TimeText, WritesSixDigitsInUtc) {
    const WallTime time =
        std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 10h + 5min + 9s + 123'456us;
    EXPECT_EQ(to_rfc3339(time), "2026-11-22T10:05:09.123456Z");
    EXPECT_EQ(to_rfc3339(WallTime{-1us}), "1969-12-31T23:59:59.999999Z");
}

TEST(TimeText, ReadsZeroToNineDigitsOfASecond) {
    const WallTime base = std::chrono::sys_days{std::chrono::year{2026} / 2 / 28} + 23h + 59min + 59s;
    struct Case {
        const char* text;
        std::chrono::microseconds more;
    };
    for (const auto& [text, more] : {
             Case{"2026-02-28T23:59:59Z", 0us},
             Case{"2026-02-28t23:59:59z", 0us},
             Case{"2026-02-28T23:59:59+00:00", 0us},
             Case{"2026-02-28T23:59:59.5Z", 500'000us},
             Case{"2026-02-28T23:59:59.000001Z", 1us},
             Case{"2026-02-28T23:59:59.123456789Z", 123'456us},
         }) {
        SCOPED_TRACE(text);
        const auto time = parse_rfc3339(text);
        ASSERT_TRUE(time.has_value());
        EXPECT_EQ(*time, base + more);
    }
}

TEST(TimeText, RefusesWhatIsNoTime) {
    for (const char* text : {
             "",
             "2026",
             "2026-11-22",
             "2026-11-22T10:00:00",
             "2026-11-22 10:00:00Z",
             "2026-13-01T00:00:00Z",
             "2026-02-29T00:00:00Z",
             "2026-11-31T00:00:00Z",
             "2026-11-22T24:00:00Z",
             "2026-11-22T23:60:00Z",
             "2026-11-22T23:59:60Z",
             "2026-11-22T10:00:00.Z",
             "2026-11-22T10:00:00.1234567890Z",
             "2026-11-22T10:00:00+02:00",
             "2026-11-22T10:00:00Zx",
             "2026-11-22T10:00:-1Z",
             "-026-11-22T10:00:00Z",
             "2026-11-22T10:00:00.1 Z",
         }) {
        SCOPED_TRACE(text);
        const auto time = parse_rfc3339(text);
        ASSERT_FALSE(time.has_value());
        EXPECT_EQ(time.error().kind, ErrorKind::Invalid);
    }
}

TEST(TimeText, ReadsBackWhatItWrites) {
    constexpr std::uint64_t kSeed = 7;
    std::mt19937_64 random(kSeed);
    std::uniform_int_distribution<std::int64_t> micros(0, 250'000'000'000'000'000);  // 1970 to 9892
    for (int i = 0; i < 5000; ++i) {
        const WallTime time{std::chrono::microseconds(micros(random))};
        const auto back = parse_rfc3339(to_rfc3339(time));
        ASSERT_TRUE(back.has_value()) << to_rfc3339(time);
        ASSERT_EQ(*back, time);
    }
}

}  // namespace
}  // namespace platform
