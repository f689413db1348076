#include "shared/core/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace platform::utf8 {
namespace {

const std::string kBad(kReplacement);

TEST(Utf8, LeavesTextAlone) {
    for (const std::string text : {"", "order", "\x7F", "Grüße", "€", "\U0001F600", "\u07FF\uFFFF\U0010FFFF"}) {
        EXPECT_EQ(repaired(text), text);
    }
    EXPECT_EQ(repaired(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Utf8, PlainTextIsCountedInCharactersAndHasNoControls) {
    EXPECT_TRUE(is_plain("Grü", 3));
    EXPECT_FALSE(is_plain("Grüß", 3));
    EXPECT_FALSE(is_plain("", 3));
    EXPECT_FALSE(is_plain("a\nb", 3));
    EXPECT_FALSE(is_plain("\x7F", 3));
}

TEST(Utf8, RepairsWhatIsNoText) {
    for (const auto& [text, good] : std::vector<std::pair<std::string, std::string>>{
             {"/a\xFF", "/a" + kBad},
             {"\x80", kBad},
             {"\xC3", kBad},
             {"\xC3(", kBad + "("},
             {"\xC0\xAF", kBad + kBad},
             {"\xE2\x82", kBad + kBad},
             {"\xE0\x80\x80", kBad + kBad + kBad},
             {"\xED\xA0\x80", kBad + kBad + kBad},
             {"\xF0\x9F\x98", kBad + kBad + kBad},
             {"\xF4\x90\x80\x80", kBad + kBad + kBad + kBad},
             {"\xF8\x88\x80\x80\x80", kBad + kBad + kBad + kBad + kBad},
             {"ü\xFCü", "ü" + kBad + "ü"},
         }) {
        EXPECT_EQ(repaired(text), good) << text;
    }
}

TEST(Utf8, TellsTheLengthOfASequence) {
    const std::string text = "aü€\U0001F600\xFF";
    EXPECT_EQ(sequence_length(text, 0), 1U);
    EXPECT_EQ(sequence_length(text, 1), 2U);
    EXPECT_EQ(sequence_length(text, 2), 0U) << "in the middle of one";
    EXPECT_EQ(sequence_length(text, 3), 3U);
    EXPECT_EQ(sequence_length(text, 6), 4U);
    EXPECT_EQ(sequence_length(text, 10), 0U);
}

}  // namespace
}  // namespace platform::utf8
