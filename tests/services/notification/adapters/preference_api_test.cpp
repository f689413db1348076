#include "services/notification/adapters/preference_api.hpp"

#include "services/notification/app.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/services/running_service.hpp"

namespace platform::notification {
namespace {

class PreferenceApiTest : public testing::Test {
protected:
    http::ClientResponse call(const std::string& method, const std::string& user, const std::string& body = "") {
        return service_.send({
            .method = method,
            .url = service_.management_url("/api/notifications/preferences/" + user),
            .headers = {},
            .body = body,
            .timeout = std::chrono::seconds(20),
        });
    }

    test::RunningService service_{program(), test::MysqlServer::instance().fresh_database()};
};

TEST_F(PreferenceApiTest, KeepsAndShowsThemOnTheManagementPort) {
    EXPECT_EQ(call("GET", "user-1").status, 404);
    const auto kept = call("PUT", "user-1", R"({"email":"a@example.org","channels":["email"]})");
    ASSERT_EQ(kept.status, 200) << kept.body;
    EXPECT_EQ(kept.body, R"({"userId":"user-1","email":"a@example.org","channels":["email"],"optOut":false})");
    EXPECT_EQ(call("GET", "user-1").body, kept.body);
    EXPECT_EQ(call("PUT", "user-1", R"({"optOut":true})").status, 200);
    EXPECT_EQ(test::member(call("GET", "user-1").body, "email"), "") << "a PUT replaces";
    EXPECT_EQ(call("PUT", "j%C3%BCrgen", "{}").status, 200);
    EXPECT_EQ(test::member(call("GET", "j%C3%BCrgen").body, "userId"), "jürgen");
}

TEST_F(PreferenceApiTest, TheirPublicPathIsForbidden) {
    ASSERT_EQ(call("PUT", "user-1", R"({"email":"a@example.org"})").status, 200);
    for (const auto* method : {"GET", "PUT"}) {
        const auto answer = service_.send({
            .method = method,
            .url = "/api/notifications/preferences/user-1",
            .headers = {},
            .body = method == std::string("PUT") ? R"({"email":"thief@example.org"})" : "",
            .timeout = std::chrono::seconds(20),
        });
        EXPECT_EQ(answer.status, 403) << method;
        EXPECT_EQ(test::member(answer.body, "code"), "admin-only");
        EXPECT_EQ(answer.body.find("a@example.org"), std::string::npos);
    }
    EXPECT_EQ(test::member(call("GET", "user-1").body, "email"), "a@example.org") << "unchanged";
}

TEST_F(PreferenceApiTest, SaysWhatIsWrongWithARequest) {
    const auto bad = call("PUT", "user-1", R"({"channels":["pigeon"]})");
    EXPECT_EQ(bad.status, 422);
    EXPECT_EQ(test::member(bad.body, "code"), "invalid-preference");
    EXPECT_NE(bad.body.find("/channels"), std::string::npos) << bad.body;
    const auto unknown = call("PUT", "user-1", R"({"a/b":1})");
    EXPECT_NE(unknown.body.find(R"("/a~1b")"), std::string::npos) << unknown.body;
    EXPECT_EQ(call("GET", "user-1").status, 404) << "nothing was kept";
    EXPECT_EQ(call("GET", std::string(65, 'u')).status, 400);
    EXPECT_EQ(call("PUT", std::string(65, 'u'), "{}").status, 400);
}

}  // namespace
}  // namespace platform::notification
