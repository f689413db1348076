#include "services/notification/adapters/preference_json.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

TEST(PreferenceJson, ReadsWhatItWrites) {
    const Preference full{.email = "a@example.org", .channels = {"log", "email"}, .opt_out = true};
    EXPECT_EQ(to_json("u\"1", full), R"({"userId":"u\"1","email":"a@example.org","channels":["log","email"],"optOut":true})");
    EXPECT_EQ(read_preference(R"({"email":"a@example.org","channels":["log","email"],"optOut":true})").value(), full);
    EXPECT_EQ(read_preference("{}").value(), Preference{});
}

TEST(PreferenceJson, NamesTheMemberThatIsWrong) {
    struct Case {
        const char* body;
        const char* member;
    };
    for (const auto& [body, member] : {
             Case{"", ""},
             Case{"[]", ""},
             Case{"{\"email\":\"a@b.c\"", ""},
             Case{"{\"email\":\"a@b.c\",\"email\":\"a@b.c\"}", ""},
             Case{"{\"email\":7}", "email"},
             Case{"{\"email\":null}", "email"},
             Case{"{\"email\":\"nobody\"}", "email"},
             Case{"{\"email\":\"a@b.c\\r\\nBcc: d@e.f\"}", "email"},
             Case{"{\"channels\":\"log\"}", "channels"},
             Case{"{\"channels\":[1]}", "channels"},
             Case{"{\"channels\":[\"pigeon\"]}", "channels"},
             Case{"{\"optOut\":\"yes\"}", "optOut"},
             Case{"{\"userId\":\"u\"}", "userId"},
         }) {
        const auto read = read_preference(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().member, member) << body;
        EXPECT_FALSE(read.error().message.empty()) << body;
    }
}

}  // namespace
}  // namespace platform::notification
