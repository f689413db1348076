#include "operator/kube/client.hpp"

#include "operator/api/fields.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace platform::kube {
namespace {

/// Answers from a list, and remembers what it was asked.
class ScriptedTransport final : public HttpTransport {
public:
    std::deque<Result<Response>> answers;
    std::vector<Request> requests;

    Result<Response> send(const Request& request) override {
        requests.push_back(request);
        if (answers.empty()) return fail(ErrorKind::Unavailable, "no answer left");
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
    Result<StreamEnd>
    stream(const Request& request, const std::function<bool(std::string&&)>&, const std::stop_token&)
        override {
        requests.push_back(request);
        return StreamEnd{.status = 200};
    }
};

class ClientTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    ScriptedTransport transport_;
    Client client_{transport_, clock_, registry_};

    void answer(int status, std::string body) {
        transport_.answers.emplace_back(Response{.status = status, .body = std::move(body)});
    }
};

TEST_F(ClientTest, StatusesBecomeKinds) {
    struct Case {
        int status;
        ErrorKind kind;
    };
    for (const auto& [status, kind] :
         {Case{400, ErrorKind::Invalid},
          Case{401, ErrorKind::Denied},
          Case{403, ErrorKind::Denied},
          Case{404, ErrorKind::NotFound},
          Case{409, ErrorKind::Conflict},
          Case{410, ErrorKind::Conflict},
          Case{422, ErrorKind::Invalid},
          Case{429, ErrorKind::Unavailable},
          Case{500, ErrorKind::Unavailable},
          Case{503, ErrorKind::Unavailable}}) {
        SCOPED_TRACE(status);
        answer(status, R"({"message":"because"})");
        const auto got = client_.get("/x?secret=1");
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, kind);
        EXPECT_TRUE(got.error().what.contains("because"));
        EXPECT_FALSE(got.error().what.contains("secret"));
    }
}

TEST_F(ClientTest, AnAnswerThatIsNotJsonIsUnavailable) {
    answer(200, "<html>");
    EXPECT_EQ(client_.get("/x").error().kind, ErrorKind::Unavailable);
}

TEST_F(ClientTest, ListsAllPages) {
    answer(200, R"({"metadata":{"continue":"a b","resourceVersion":"1"},"items":[{"n":1},{"n":2}]})");
    answer(200, R"({"metadata":{"resourceVersion":"2"},"items":[{"n":3}]})");
    const auto page = client_.list("/pods", "a=b");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 3U);
    EXPECT_EQ(page->resource_version, "2");
    EXPECT_EQ(transport_.requests[0].target, "/pods?limit=500&labelSelector=a%3Db");
    EXPECT_EQ(transport_.requests[1].target, "/pods?limit=500&labelSelector=a%3Db&continue=a%20b");
}

TEST_F(ClientTest, AnExpiredPageStartsTheListAgainOnce) {
    answer(200, R"({"metadata":{"continue":"t"},"items":[{"n":1}]})");
    answer(410, "{}");
    answer(200, R"({"metadata":{"resourceVersion":"9"},"items":[{"n":1},{"n":2}]})");
    const auto page = client_.list("/pods", "");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->resource_version, "9");
}

TEST_F(ClientTest, RemovingWhatIsGoneIsSuccess) {
    answer(404, "{}");
    EXPECT_TRUE(client_.remove("/x"));
    answer(403, "{}");
    EXPECT_EQ(client_.remove("/x").error().kind, ErrorKind::Denied);
}

TEST_F(ClientTest, PatchesAreMergePatches) {
    answer(200, R"({"metadata":{"resourceVersion":"5"}})");
    const auto patched = client_.merge_patch("/x", R"({"a":1})");
    ASSERT_TRUE(patched);
    EXPECT_EQ(api::text_at(*patched, "metadata.resourceVersion"), "5");
    EXPECT_EQ(transport_.requests[0].method, "PATCH");
    EXPECT_EQ(transport_.requests[0].content_type, "application/merge-patch+json");
}

TEST_F(ClientTest, WatchesFromAVersionWithBookmarks) {
    ASSERT_TRUE(
        client_.watch("/pods", "", "77", std::chrono::seconds(240), [](std::string&&) { return true; }, {})
    );
    EXPECT_EQ(
        transport_.requests[0].target,
        "/pods?watch=true&allowWatchBookmarks=true&resourceVersion=77&timeoutSeconds=240"
    );
}

TEST_F(ClientTest, CountsRequestsUnderTheUsualName) {
    answer(200, "{}");
    (void)client_.get("/x");
    EXPECT_TRUE(registry_.scrape().contains("rest_client_requests_total{"));
}

}  // namespace
}  // namespace platform::kube
