#include "services/inventory/adapters/admin_api.hpp"

#include "services/inventory/app.hpp"
#include "tests/services/running_service.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

namespace platform::inventory {
namespace {

class AdminApiTest : public testing::Test {
protected:
    http::ClientResponse
    send(const std::string& method, const std::string& target, const std::string& body, std::map<std::string, std::string> headers = {}) {
        http::ClientRequest request;
        request.method = method;
        request.url = "http://127.0.0.1:" + std::to_string(service_.runtime().management().port()) + target;
        request.headers = {{"Content-Type", "application/json"}};
        for (const auto& [name, value] : headers) request.headers.emplace_back(name, value);
        request.body = body;
        request.timeout = std::chrono::seconds(20);
        auto answer = http::Client{}.send(request);
        EXPECT_TRUE(answer) << answer.error().what;
        return answer.value_or(http::ClientResponse{});
    }
    http::ClientResponse adjust(const std::string& body, const std::string& key, const std::string& product = "P-1") {
        return send("POST", "/api/inventory/" + product + "/adjustments", body, {{"Idempotency-Key", key}});
    }

    test::RunningService service_{program(), test::MysqlServer::instance().fresh_database()};
};

TEST_F(AdminApiTest, AProductIsMadeChangedAndAdjusted) {
    const auto made = send("PUT", "/api/inventory/P-1", R"({"name":"Tea","price":4.5,"lowMark":3,"initialStock":10})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.at("location"), "/api/inventory/P-1");
    EXPECT_EQ(test::member(made.body, "available"), "10");
    const auto changed = send("PUT", "/api/inventory/P-1", R"({"name":"Tea","price":5})");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(test::member(changed.body, "price"), "5.00");
    EXPECT_EQ(test::member(changed.body, "available"), "10");

    const auto less = adjust(R"({"delta":-4,"reason":"broken"})", "one");
    EXPECT_EQ(less.status, 201) << less.body;
    EXPECT_EQ(test::member(less.body, "available"), "6");
    EXPECT_FALSE(less.headers.contains("idempotency-replayed"));
    const auto again = adjust(R"({"delta":-4,"reason":"broken"})", "one");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, less.body);
    EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
    EXPECT_EQ(adjust(R"({"delta":-5,"reason":"broken"})", "one").status, 422) << "another body under the same key";
    const auto too_much = adjust(R"({"delta":-7,"reason":"broken"})", "two");
    EXPECT_EQ(too_much.status, 409);
    EXPECT_EQ(test::member(too_much.body, "code"), "not-enough-stock");

    const auto shown = service_.get("/api/inventory/P-1");
    EXPECT_EQ(test::member(shown.body, "available"), "6");
    EXPECT_EQ(test::member(shown.body, "revision"), "3");
    const auto movements = service_.get("/api/inventory/P-1/movements");
    EXPECT_EQ(movements.status, 200);
    const auto parsed = json::parse(movements.body);
    ASSERT_EQ(parsed->find("movements")->items().size(), 2U) << movements.body;
    EXPECT_EQ(parsed->find("movements")->items()[0].find("delta")->text(), "-4");
}

TEST_F(AdminApiTest, FaultyRequestsChangeNothing) {
    ASSERT_EQ(send("PUT", "/api/inventory/P-1", "{}").status, 201);
    EXPECT_EQ(send("PUT", "/api/inventory/P%201", "{}").status, 400);
    EXPECT_EQ(send("PUT", "/api/inventory/P-1", "{").status, 400);
    EXPECT_EQ(send("PUT", "/api/inventory/P-1", R"({"price":-1})").status, 422);
    EXPECT_EQ(send("POST", "/api/inventory/P-1/adjustments", R"({"delta":1,"reason":"x"})").status, 400) << "without a key";
    EXPECT_EQ(adjust(R"({"delta":1,"reason":"x"})", std::string(256, 'k')).status, 400);
    EXPECT_EQ(adjust(R"({"delta":1})", "k").status, 422);
    EXPECT_EQ(adjust(R"({"delta":1,"reason":"x"})", "k", "P-9").status, 404);
    EXPECT_EQ(test::member(service_.get("/api/inventory/P-1").body, "available"), "0");
}

TEST_F(AdminApiTest, ThePublicPortRefusesAndSaysWhereToGo) {
    for (const auto* target : {"/api/inventory/P-1", "/api/inventory/P-1/adjustments"}) {
        http::ClientRequest request;
        request.method = std::string(target).ends_with("P-1") ? "PUT" : "POST";
        request.url = target;
        request.headers = {{"Content-Type", "application/json"}};
        request.body = "{}";
        request.timeout = std::chrono::seconds(20);
        const auto answer = service_.send(request);
        EXPECT_EQ(answer.status, 403) << target;
        EXPECT_EQ(test::member(answer.body, "code"), "management-port-only");
    }
    EXPECT_EQ(service_.get("/api/inventory/P-1").status, 404) << "nothing was made";
}

TEST(AdminApiOpen, AnswersOnThePublicPortToo) {
    test::RunningService service{program(), test::MysqlServer::instance().fresh_database(), {{"ADMIN_API", "open"}}};
    http::ClientRequest request;
    request.method = "PUT";
    request.url = "/api/inventory/P-1";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = "{}";
    request.timeout = std::chrono::seconds(20);
    EXPECT_EQ(service.send(request).status, 201);
}

}  // namespace
}  // namespace platform::inventory
