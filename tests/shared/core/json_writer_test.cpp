#include "shared/core/json_writer.hpp"

#include "shared/core/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace platform::json {
namespace {

using namespace std::string_literals;

std::string written(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    Writer out;
    out.begin_object();
    out.field("a", 1).field("b", true).field("c", "x").field("d", std::string("y")).key("e").null();
    out.key("f")
        .begin_array()
        .integer(-1)
        .begin_object()
        .end_object()
        .begin_array()
        .end_array()
        .string("z")
        .end_array();
    out.key("g").begin_object().field("h", std::numeric_limits<std::int64_t>::min()).end_object();
    out.key("i").number_text("199.99").key("j").raw(R"({"k":[]})");
    out.end_object();
    EXPECT_EQ(
        out.text(),
        R"({"a":1,"b":true,"c":"x","d":"y","e":null,"f":[-1,{},[],"z"],"g":{"h":-9223372036854775808},"i":199.99,"j":{"k":[]}})"
    );
}

TEST(JsonWriter, EscapesStrings) {
    EXPECT_EQ(written("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(written("\n\r\t\b\f\x01\x1f"), R"("\n\r\t\u0008\u000c\u0001\u001f")");
    EXPECT_EQ(written("a\0b"s), R"("a\u0000b")");
    EXPECT_EQ(written("\u00e9\u20ac\U0001F600\x7f"), "\"\u00e9\u20ac\U0001F600\x7f\"");
}

TEST(JsonWriter, ReplacesInvalidUtf8ByteByByte) {
    constexpr const char* kReplaced = "\xEF\xBF\xBD";
    EXPECT_EQ(written("a\xFF"), std::string("\"a") + kReplaced + "\"");
    EXPECT_EQ(written("\xC3"), std::string("\"") + kReplaced + "\"");
    EXPECT_EQ(written("\xE2\x82x"), std::string("\"") + kReplaced + kReplaced + "x\"");
    EXPECT_EQ(written("\xED\xA0\x80"), std::string("\"") + kReplaced + kReplaced + kReplaced + "\"");
    EXPECT_EQ(written("\xC0\xAF"), std::string("\"") + kReplaced + kReplaced + "\"");
}

TEST(JsonWriter, AlwaysWritesWhatTheParserReads) {
    constexpr std::uint64_t kSeed = 99;
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < 5000; ++round) {
        std::string bytes(random() % 24, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        Writer out;
        out.begin_object().key("value").string(bytes).key("list").begin_array().string(bytes).integer(round);
        out.end_array().key(bytes + "!").boolean(false).end_object();
        const auto read = parse(out.text());
        ASSERT_TRUE(read.has_value()) << out.text() << ": " << read.error().message;
        ASSERT_EQ(read->find("value")->text(), read->find("list")->items()[0].text());
        ASSERT_EQ(written(read->find("value")->text()), written(bytes))
            << "what was read is written the same way again";
    }
}

TEST(JsonWriter, KeepsValidTextUnchanged) {
    constexpr std::uint64_t kSeed = 100;
    std::mt19937_64 random(kSeed);
    const std::string pieces[] = {
        "a",
        "\"",
        "\\",
        "\n",
        "\0"s,
        "\u00e9",
        "\u20ac",
        "\U0001F600",
        "\u2028",
        "\uD7FF",
        "\uE000",
        "\U0010FFFF"
    };
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint64_t i = random() % 20; i > 0; --i) text += pieces[random() % std::size(pieces)];
        const auto read = parse(written(text));
        ASSERT_TRUE(read.has_value());
        ASSERT_EQ(read->text(), text);
    }
}

}  // namespace
}  // namespace platform::json
