#include "shared/core/names.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace platform {
namespace {

enum class Colour : std::uint8_t { Red, DarkRed, Green };

constexpr Names<Colour, 3> kColours{{{Colour::Red, "RED"}, {Colour::DarkRed, "DARK_RED"}, {Colour::Green, "GREEN"}}};

TEST(Names, ThereAndBack) {
    EXPECT_EQ(name_of(kColours, Colour::DarkRed), "DARK_RED");
    for (const auto& [colour, name] : kColours) {
        EXPECT_EQ(name_of(kColours, colour), name);
        EXPECT_EQ(value_of(kColours, name), colour);
    }
}

TEST(Names, OtherTextsNameNothing) {
    for (const char* text : {"", "red", "RED ", "DARK", "BLUE"}) EXPECT_EQ(value_of(kColours, text), std::nullopt) << text;
}

TEST(NamesDeathTest, AValueWithoutANameIsABug) {
    EXPECT_DEATH(static_cast<void>(name_of(kColours, static_cast<Colour>(3))), "every value has a name");
}

}  // namespace
}  // namespace platform
