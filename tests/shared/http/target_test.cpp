#include "shared/http/target.hpp"

#include <gmock/gmock.h>

namespace platform::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParseTarget, DecodesPathAndQueryOnce) {
    const auto target = parse_target("/api/a%20b/%2541?x=1+2&y=%26&z&%C3%A9=");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/a b/%41");
    EXPECT_THAT(target->segments, ElementsAre("api", "a b", "%41"));
    EXPECT_THAT(target->query, ElementsAre(Pair("x", "1 2"), Pair("y", "&"), Pair("z", ""), Pair("\xc3\xa9", "")));
}

TEST(ParseTarget, KeepsEmptySegments) {
    EXPECT_THAT(parse_target("/")->segments, IsEmpty());
    EXPECT_EQ(parse_target("/")->path, "/");
    EXPECT_THAT(parse_target("/a/")->segments, ElementsAre("a", ""));
    EXPECT_THAT(parse_target("//a")->segments, ElementsAre("", "a"));
    EXPECT_EQ(parse_target("//a")->path, "//a");
}

TEST(ParseTarget, RefusesWhatAProxyCouldReadDifferently) {
    for (const char* bad :
         {"", "a", "*", "http://h/a", "/a%", "/a%4", "/a%4g", "/%00", "/%0a", "/%7f", "/a%2Fb", "/a%5cb", "/a\\b", "/.", "/..", "/a/../b",
          "/%2e%2E/b", "/a/./b", "/a#b", "/a?b#c", "/a<b", "/a\"b", "/a?x=1&x=2", "/a?x=%0d", "/a?x=<"}) {
        SCOPED_TRACE(bad);
        const auto target = parse_target(bad);
        ASSERT_FALSE(target);
        EXPECT_EQ(target.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(target.error().what.empty());
    }
}

TEST(EncodeSegment, RoundTrips) {
    const std::string odd = "a b%:*?\xc3\xa9~";
    EXPECT_EQ(encode_segment(odd), "a%20b%25%3A%2A%3F%C3%A9~");
    EXPECT_THAT(parse_target("/" + encode_segment(odd))->segments, ElementsAre(odd));
}

}  // namespace
}  // namespace platform::http
