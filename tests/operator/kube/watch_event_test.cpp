#include "operator/kube/watch_event.hpp"

#include "operator/api/fields.hpp"

#include <gtest/gtest.h>

namespace platform::kube {
namespace {

using Type = WatchEvent::Type;

TEST(WatchEvent, ReadsEveryType) {
    struct Case {
        const char* name;
        Type type;
    };
    for (const auto& [name, type] :
         {Case{"ADDED", Type::Added},
          Case{"MODIFIED", Type::Modified},
          Case{"DELETED", Type::Deleted},
          Case{"BOOKMARK", Type::Bookmark}}) {
        SCOPED_TRACE(name);
        const auto event = parse_watch_event(
            std::string(R"({"type":")") + name +
            R"(","object":{"metadata":{"name":"a","resourceVersion":"17"}}})"
        );
        ASSERT_TRUE(event) << event.error().what;
        EXPECT_EQ(event->type, type);
        EXPECT_EQ(event->resource_version, "17");
        EXPECT_EQ(api::text_at(event->object, "metadata.name"), "a");
    }
}

TEST(WatchEvent, TellsTooOldFromOtherErrors) {
    EXPECT_EQ(
        parse_watch_event(R"({"type":"ERROR","object":{"code":410,"message":"too old"}})")->type, Type::Gone
    );
    EXPECT_EQ(
        parse_watch_event(R"({"type":"ERROR","object":{"code":500,"message":"x"}})")->type, Type::Error
    );
}

TEST(WatchEvent, RefusesWhatIsNone) {
    for (const char* line :
         {"",
          "half a li",
          "[]",
          R"({"type":"ADDED"})",
          R"({"type":"NEW","object":{"metadata":{"resourceVersion":"1"}}})",
          R"({"type":"ADDED","object":{"metadata":{}}})"}) {
        SCOPED_TRACE(line);
        EXPECT_FALSE(parse_watch_event(line));
    }
}

}  // namespace
}  // namespace platform::kube
