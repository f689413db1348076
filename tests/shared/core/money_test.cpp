#include "shared/core/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace platform {
namespace {

constexpr std::int64_t kMax = Money::kMaxUnits;

TEST(Money, ReadsDecimals) {
    struct Case {
        const char* text;
        std::int64_t units;
    };
    for (const auto& [text, units] : {
             Case{"199.99", 1'999'900},
             Case{"0", 0},
             Case{"-0", 0},
             Case{"0.00", 0},
             Case{"-3", -30'000},
             Case{"0.0001", 1},
             Case{"-0.0001", -1},
             Case{"1e2", 1'000'000},
             Case{"1E+2", 1'000'000},
             Case{"12.5e-1", 12'500},
             Case{"1e-4", 1},
             Case{"10000e-8", 1},
             Case{"1.50000000000", 15'000},
             Case{"0e400", 0},
             Case{"0.0001e4", 10'000},
             Case{"922337203685477.5807", kMax},
             Case{"-922337203685477.5807", -kMax},
         }) {
        SCOPED_TRACE(text);
        const auto money = Money::parse(text);
        ASSERT_TRUE(money.has_value());
        EXPECT_EQ(money->units(), units);
    }
}

TEST(Money, RefusesWhatIsNoAmount) {
    for (const char* text : {
             "",
             "-",
             "abc",
             "NaN",
             "Infinity",
             "0x10",
             " 1",
             "1 ",
             "1,5",
             ".5",
             "1.",
             "1..2",
             "1.2.3",
             "--1",
             "+1",
             "1e",
             "1e+",
             "1e+-5",
             "e5",
             "1e2.5",
             "1.00001",
             "1e-5",
             "0.00009",
             "1e400",
             "1e15",
             "1e99999",
             "1e99999999999",
             "922337203685477.5808",
             "99999999999999999999",
             "-1e400",
             "1\n",
             "\xC2\xB2",
         }) {
        SCOPED_TRACE(text);
        const auto money = Money::parse(text);
        ASSERT_FALSE(money.has_value()) << money->text();
        EXPECT_EQ(money.error().kind, ErrorKind::Invalid);
    }
}

TEST(Money, RefusesATextOfAThousandDigits) {
    EXPECT_FALSE(Money::parse(std::string(1000, '9')).has_value());
    EXPECT_FALSE(Money::parse("0." + std::string(1000, '1')).has_value());
}

TEST(Money, WritesTheShortestTextOfAtLeastTwoDecimals) {
    struct Case {
        std::int64_t units;
        const char* text;
    };
    for (const auto& [units, text] : {
             Case{0, "0.00"},
             Case{1, "0.0001"},
             Case{-1, "-0.0001"},
             Case{10, "0.001"},
             Case{100, "0.01"},
             Case{2'000'000, "200.00"},
             Case{1'999'900, "199.99"},
             Case{kMax, "922337203685477.5807"},
             Case{std::numeric_limits<std::int64_t>::min(), "-922337203685477.5808"},
         }) {
        EXPECT_EQ(Money::of_units(units).text(), text);
    }
}

TEST(Money, ReadsBackWhatItWrites) {
    constexpr std::uint64_t kSeed = 20'261'122;
    std::mt19937_64 random(kSeed);
    for (int i = 0; i < 20'000; ++i) {
        // A random number of bits, so that small and huge amounts are equally likely.
        const auto magnitude = static_cast<std::int64_t>((random() >> 1) >> (random() % 63));
        const Money money = Money::of_units(random() % 2 == 0 ? magnitude : -magnitude);
        const auto back = Money::parse(money.text());
        ASSERT_TRUE(back.has_value()) << money.text();
        ASSERT_EQ(*back, money) << money.text();
    }
}

TEST(Money, MultipliesAndAddsWithinItsRange) {
    const Money price = Money::of_units(1'999'900);
    EXPECT_EQ(price.times(3)->text(), "599.97");
    EXPECT_EQ(price.times(0)->units(), 0);
    EXPECT_EQ(price.plus(Money::of_units(-1'999'900))->units(), 0);

    EXPECT_EQ(Money::of_units(kMax).times(2).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(Money::of_units(kMax).times(-2).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(Money::of_units(kMax).plus(Money::of_units(1)).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(Money::of_units(-kMax).plus(Money::of_units(-2)).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace platform
