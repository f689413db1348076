#include "tests/fuzz/mutator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace platform::fuzz {
namespace {

TEST(Mutator, TheSeedDecidesTheInputs) {
    const std::vector<std::string> corpus{"GET / HTTP/1.1", "{\"quantity\":12}"};
    Mutator one(corpus, {"word"}, 7);
    Mutator same(corpus, {"word"}, 7);
    Mutator other(corpus, {"word"}, 8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const std::string input = one.next();
        EXPECT_EQ(input, same.next());
        differs = differs || input != other.next();
    }
    EXPECT_TRUE(differs);
}

TEST(Mutator, MakesManyInputsOfOneAndUsesWordsAndNumbers) {
    Mutator mutator({"a=12"}, {"<word>"}, 1);
    std::set<std::string> inputs;
    bool word = false;
    bool number = false;
    for (int i = 0; i < 2000; ++i) {
        const std::string input = mutator.next();
        word = word || input.contains("<word>");
        number = number || input == "a=2147483648";
        inputs.insert(input);
    }
    EXPECT_TRUE(word);
    EXPECT_TRUE(number);
    EXPECT_GT(inputs.size(), 1000U);
}

TEST(Mutator, PutsOneQuotedTextInThePlaceOfAnother) {
    Mutator mutator({R"({"a":"long text","b":"c"})"}, {"x"}, 1);
    bool found = false;
    for (int i = 0; i < 2000; ++i) found = found || mutator.next() == R"({"a":"c","b":"c"})";
    EXPECT_TRUE(found);
}

TEST(Mutator, TakesAnEmptyInput) {
    Mutator mutator({""}, {"x"}, 1);
    for (int i = 0; i < 1000; ++i) EXPECT_LT(mutator.next().size(), 1000U);
}

TEST(Words, AreReadAsLibFuzzerReadsThem) {
    EXPECT_THAT(
        read_words("# \"a comment\"\n\"plain\"\nname=\"a\\\"b\\\\c\\x0D\\x0a\"\n\nnothing\n\"last\""),
        testing::ElementsAre("plain", "a\"b\\c\r\n", "last")
    );
}

}  // namespace
}  // namespace platform::fuzz
