#include "shared/kafka/headers.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

TEST(FindHeader, GivesTheValueOrNothing) {
    const Headers headers{{"ce_id", "1"}, {"empty", ""}};
    ASSERT_NE(find_header(headers, "ce_id"), nullptr);
    EXPECT_EQ(*find_header(headers, "ce_id"), "1");
    ASSERT_NE(find_header(headers, "empty"), nullptr) << "a header without a value is one";
    EXPECT_EQ(*find_header(headers, "empty"), "");
    for (const char* name : {"ce_", "ce_id2", "CE_ID", "1", ""}) EXPECT_EQ(find_header(headers, name), nullptr) << name;
    EXPECT_EQ(find_header(Headers{}, "ce_id"), nullptr);
}

TEST(FindHeader, TheFirstOfTwoCounts) {
    const Headers headers{{"other", "0"}, {"traceparent", "first"}, {"traceparent", "second"}};
    ASSERT_NE(find_header(headers, "traceparent"), nullptr);
    EXPECT_EQ(*find_header(headers, "traceparent"), "first");
}

TEST(FindHeader, TheValueCanBeReplacedInItsPlace) {
    Headers headers{{"ce_id", "1"}, {"traceparent", "old"}, {"traceparent", "other"}};
    ASSERT_NE(find_header(headers, "traceparent"), nullptr);
    *find_header(headers, "traceparent") = "new";
    EXPECT_EQ(headers, (Headers{{"ce_id", "1"}, {"traceparent", "new"}, {"traceparent", "other"}}));
}

}  // namespace
}  // namespace platform::kafka
