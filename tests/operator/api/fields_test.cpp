#include "operator/api/fields.hpp"

#include <gtest/gtest.h>

namespace platform::api {
namespace {

TEST(Fields, FindsWhatIsThereAndNothingElse) {
    const auto value =
        json::parse(R"({"a":{"b":{"c":"x"}},"n":17,"t":true,"f":1.5,"big":99999999999999999999})");
    ASSERT_TRUE(value);
    EXPECT_EQ(text_at(*value, "a.b.c"), "x");
    EXPECT_EQ(text_at(*value, "a.b"), "");
    EXPECT_EQ(text_at(*value, "a.b.c.d"), "");
    EXPECT_EQ(text_at(*value, "n"), "");
    EXPECT_EQ(integer_at(*value, "n"), 17);
    EXPECT_EQ(integer_at(*value, "f"), std::nullopt);
    EXPECT_EQ(integer_at(*value, "big"), std::nullopt);
    EXPECT_EQ(integer_at(*value, "a"), std::nullopt);
    EXPECT_TRUE(flag_at(*value, "t", false));
    EXPECT_TRUE(flag_at(*value, "none", true));
}

TEST(Fields, LabelsAndAnnotationsHaveDotsInTheirNames) {
    const auto value = json::parse(R"({"metadata":{"labels":{"a.b/c":"1"},"annotations":{"d.e/f":"2"}}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(label_of(*value, "a.b/c"), "1");
    EXPECT_EQ(annotation_of(*value, "d.e/f"), "2");
    EXPECT_EQ(label_of(*value, "d.e/f"), "");
}

TEST(Fields, WritesAValueAsItWasRead) {
    for (const char* text : {R"({"a":[1,2.50,-3e2,"x\"y",true,false,null,{}],"b":{"c":{"d":[]}}})", "[]", "\"\"", "1"}) {
        EXPECT_EQ(json_text(*json::parse(text)), text);
    }
}

TEST(Fields, EncodesForUrls) {
    EXPECT_EQ(encode("a-b_c.d~1"), "a-b_c.d~1");
    EXPECT_EQ(encode("a=b, c/d%\xC3\xA4"), "a%3Db%2C%20c%2Fd%25%C3%A4");
}

}  // namespace
}  // namespace platform::api
