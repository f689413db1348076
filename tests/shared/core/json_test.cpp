#include "shared/core/json.hpp"

#include <gtest/gtest.h>

#include <format>
#include <string>

namespace platform::json {
namespace {

using namespace std::string_literals;
using Kind = Value::Kind;

TEST(Json, ReadsEveryKindOfValue) {
    const auto value =
        parse(R"( {"a": null, "b": true, "c": [1, -2.50, 1e2], "d": {"e": "x\n\u00e9\ud83d\ude00"}} )");
    ASSERT_TRUE(value.has_value());
    ASSERT_TRUE(value->is(Kind::Object));
    EXPECT_TRUE(value->find("a")->is(Kind::Null));
    EXPECT_TRUE(value->find("b")->boolean());
    const auto& items = value->find("c")->items();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].text(), "1");
    EXPECT_EQ(items[1].text(), "-2.50");
    EXPECT_EQ(items[2].text(), "1e2");
    EXPECT_EQ(value->find("d")->find("e")->text(), "x\n\u00e9\U0001F600");
    EXPECT_EQ(value->find("nothing"), nullptr);
    EXPECT_EQ(value->members().size(), 4U);
}

TEST(Json, KeepsNumbersExactly) {
    for (const char* number : {
             "0",
             "-1",
             "199.99",
             "199.990",
             "0.1",
             "9223372036854775807",
             "-9223372036854775808",
             "18446744073709551615",
             "18446744073709551616",
             "123456789012345678901234567890",
             "0.1234567890123456789012345678901234567890",
             "1E-300",
         }) {
        const auto value = parse(number);
        ASSERT_TRUE(value.has_value()) << number;
        EXPECT_TRUE(value->is(Kind::Number));
        EXPECT_EQ(value->text(), number);
    }
}

TEST(Json, RefusesWhatRfc8259Refuses) {
    const std::string texts[] = {
        "",
        " ",
        "nul",
        "{",
        "}",
        "[1,]",
        R"({"a":1,})",
        R"({"a" 1})",
        R"({a:1})",
        R"({'a':1})",
        "[1 2]",
        "01",
        "+1",
        "1.",
        ".5",
        "-",
        "1e",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "tru",
        "\"a",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "// a comment\n1",
        "/* a comment */ 1",
        "1 2",
        "{}{}",
        "{}x",
        "{}\0"s,
        "{}\0garbage"s,
        "\0"s,
        "\"a\0b\""s,
    };
    for (const auto& text : texts) {
        const auto value = parse(text);
        ASSERT_FALSE(value.has_value()) << text;
        EXPECT_FALSE(value.error().message.empty());
    }
}

TEST(Json, RefusesInvalidUtf8) {
    for (const char* bytes :
         {"\x80",
          "\xC0\xAF",
          "\xC3",
          "\xE2\x82",
          "\xED\xA0\x80",
          "\xF0\x80\x80\xAF",
          "\xF4\x90\x80\x80",
          "\xFF"}) {
        EXPECT_FALSE(parse(std::format(R"({{"a":"{}"}})", bytes)).has_value());
        EXPECT_FALSE(parse(std::format(R"({{"{}":1}})", bytes)).has_value());
    }
}

TEST(Json, NamesThePlaceOfTheFault) {
    struct Case {
        const char* text;
        const char* pointer;
    };
    for (const auto& [text, pointer] : {
             Case{R"({"price": 1e400})", "/price"},
             Case{R"({"lines": [{"price": 1}, {"price": -1e999}]})", "/lines/1/price"},
             Case{R"({"a": 1, "b": {"c": 1, "c": 2}})", "/b/c"},
             Case{R"({"a": 1, "a": 2})", "/a"},
             Case{R"({"": {"x": 1, "x": 2}})", "//x"},
             Case{R"({"a/b": {"~": 1, "~": 2}})", "/a~1b/~0"},
             Case{R"({"a": x})", "/a"},
             Case{R"({"a": 1, x})", ""},
             Case{R"({"a": {"b": 1}, x})", ""},
             Case{"[1, 2, x]", "/2"},
             Case{"x", ""},
         }) {
        SCOPED_TRACE(text);
        const auto value = parse(text);
        ASSERT_FALSE(value.has_value());
        EXPECT_EQ(value.error().pointer, pointer);
    }
}

TEST(Json, PointsToAMemberAndCutsALongName) {
    EXPECT_EQ(pointer_to("quantity"), "/quantity");
    EXPECT_EQ(pointer_to(""), "/");
    EXPECT_EQ(pointer_to("a/b~c"), "/a~1b~0c");
    EXPECT_EQ(pointer_to(std::string(1000, '/')).size(), 129U);
    const std::string name(1000, 'n');
    EXPECT_EQ(parse("{\"" + name + "\":1,\"" + name + "\":2}").error().pointer, "/" + std::string(64, 'n'));
}

TEST(Json, SaysThatANumberIsOutOfRange) {
    EXPECT_EQ(parse("1e400").error().message, "the number is out of range");
    EXPECT_EQ(parse(R"({"a":1,"a":2})").error().message, "the key is repeated");
}

TEST(Json, FindsARepeatedKeyAmongMany) {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i) text += std::format(R"("k{}":{},)", i, i);
    const auto all = parse(text + R"("last":1})");
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(all->members().size(), 50'001U);
    EXPECT_EQ(parse(text + R"("k3":1})").error().pointer, "/k3");
    EXPECT_EQ(parse(text + R"("k49999":1})").error().pointer, "/k49999");
}

TEST(Json, BoundsDepthWithoutRecursion) {
    constexpr int kDeep = 20'000;
    for (const auto& text : {std::string(kDeep, '['), std::string(kDeep, '[') + std::string(kDeep, ']')}) {
        const auto value = parse(text);
        ASSERT_FALSE(value.has_value());
        EXPECT_EQ(value.error().message, "nested deeper than 32 levels");
    }
    std::string objects;
    for (int i = 0; i < kDeep; ++i) objects += R"({"a":)";
    EXPECT_FALSE(parse(objects).has_value());

    EXPECT_TRUE(parse(std::string(32, '[') + std::string(32, ']')).has_value());
    EXPECT_FALSE(parse(std::string(33, '[') + std::string(33, ']')).has_value());
    EXPECT_TRUE(parse("[[]]", {.max_depth = 2}).has_value());
    EXPECT_FALSE(parse("[[[]]]", {.max_depth = 2}).has_value());
}

TEST(Json, BoundsTheSize) {
    const std::string text = "\"" + std::string(100, 'a') + "\"";
    EXPECT_TRUE(parse(text, {.max_bytes = text.size()}).has_value());
    EXPECT_EQ(parse(text, {.max_bytes = text.size() - 1}).error().message, "longer than 101 bytes");
}

}  // namespace
}  // namespace platform::json
