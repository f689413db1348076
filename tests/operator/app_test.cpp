#include "operator/app.hpp"

#include "shared/http/client.hpp"
#include "tests/operator/fake_api_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <future>

namespace platform::operators {
namespace {

using test::FakeApiServer;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Two charts, and a program in helm's place.
class AppTest : public testing::Test {
protected:
    void SetUp() override {
        root_ = fs::path(testing::TempDir()) / ("operator-" + std::to_string(getpid()));
        for (const char* chart : {"infrastructure", "service"}) {
            fs::create_directories(root_ / chart);
            std::ofstream(root_ / chart / "Chart.yaml") << "name: x\n";
        }
    }
    void TearDown() override { fs::remove_all(root_); }
    [[nodiscard]] Config config(const std::string& url) const {
        Config config = read_config(config::Source::of(
            {{"WATCH_NAMESPACE", "shop"},
             {"KUBE_API_URL", url},
             {"KUBE_TOKEN_PATH", "-"},
             {"KUBE_CA_PATH", "-"},
             {"HTTP_PORT", "0"},
             {"HTTP_HOST", "127.0.0.1"},
             {"CHARTS_PATH", root_.string()},
             {"HELM_PATH", "/bin/false"}}
        ));
        return config;
    }
    fs::path root_;
};

TEST_F(AppTest, SetsTheFinalizerOfANewResourceBeforeAnythingElse) {
    std::promise<std::string> first_change;
    std::atomic<bool> told{false};
    const FakeApiServer server([&](const FakeApiServer::Seen& seen, FakeApiServer::Reply& reply) {
        const std::string object =
            R"({"metadata":{"name":"orders","namespace":"shop","uid":"u","resourceVersion":"5","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{}})";
        if (seen.target.contains("watch=true")) {
            reply.begin_stream();
            reply.wait_for_client_to_leave();
            reply.hang_up();
        } else if (seen.method == "PATCH" && !seen.target.ends_with("/status")) {
            if (!told.exchange(true)) first_change.set_value(seen.body);
            reply.answer(200, object);
        } else if (seen.method == "PATCH" || seen.target.ends_with("orderplatforms/orders")) {
            reply.answer(200, object);
        } else if (seen.target.contains("/orderplatforms?")) {
            reply.answer(200, R"({"metadata":{"resourceVersion":"5"},"items":[)" + object + "]}");
        } else if (seen.target.contains("?limit=")) {
            reply.answer(200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
        } else {
            reply.answer(404, "{}");
        }
    });
    App app(config(server.url()));
    auto body = first_change.get_future();
    ASSERT_EQ(body.wait_for(20s), std::future_status::ready);
    EXPECT_TRUE(body.get().contains("orderplatform.io/operator"));
    EXPECT_NE(app.port(), 0);
    app.stop(1s);
    for (const auto& seen : server.seen()) {
        EXPECT_FALSE(seen.method == "POST" && !seen.target.ends_with("/events"))
            << "nothing is created before the finalizer stands: " << seen.target;
        EXPECT_FALSE(seen.method == "GET" && seen.target.contains("/secrets?")) << "secrets are never listed";
    }
}

TEST_F(AppTest, WithoutItsDefinitionItRunsAndSaysWhatToDo) {
    std::atomic<int> asked{0};
    std::promise<void> asked_again;
    const FakeApiServer server([&](const FakeApiServer::Seen& seen, FakeApiServer::Reply& reply) {
        if (seen.target.contains("watch=true")) {
            reply.begin_stream();
            reply.wait_for_client_to_leave();
            reply.hang_up();
        } else if (seen.target.contains("/orderplatforms?")) {
            reply.answer(404, "404 page not found");
            if (++asked == 2) asked_again.set_value();
        } else {
            reply.answer(200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
        }
    });
    App app(config(server.url()));
    ASSERT_EQ(asked_again.get_future().wait_for(20s), std::future_status::ready) << "asks again when the first answer was taken";
    http::Client client;
    const std::string health = std::format("http://127.0.0.1:{}/actuator/health/kubernetes", app.management_port());
    http::ClientRequest ask;
    ask.url = health;
    const auto told = client.send(ask);
    ASSERT_TRUE(told) << told.error().what;
    EXPECT_TRUE(told->body.contains("kubectl apply --server-side -f crds/orderplatforms.yaml")) << told->body;
    EXPECT_TRUE(told->body.contains("DOWN")) << told->body;
    app.stop(1s);
}

TEST_F(AppTest, StopsPromptlyWhileTheApiServerIsAway) {
    App app(config("http://127.0.0.1:1"));
    const SystemClock clock;
    const Instant started = clock.now();
    app.stop(1s);
    EXPECT_LT(clock.now() - started, Duration(15s));
}

TEST_F(AppTest, WithoutChartsItDoesNotStart) {
    Config broken = config("http://127.0.0.1:1");
    broken.charts = "/nowhere";
    EXPECT_THROW(App{broken}, std::runtime_error);
}

TEST_F(AppTest, ReleasesEveryResourceOfTheNamespace) {
    const FakeApiServer server([&](const FakeApiServer::Seen& seen, FakeApiServer::Reply& reply) {
        reply.answer(
            200,
            seen.method == "PATCH"
                ? "{}"
                : R"({"metadata":{},"items":[{"metadata":{"name":"a","namespace":"shop","finalizers":["orderplatform.io/operator"]},"spec":{}}]})"
        );
    });
    EXPECT_EQ(release_all(config(server.url())).value(), 1);
    EXPECT_TRUE(server.seen().back().body.contains("orderplatform.io/released-at"));
}

}  // namespace
}  // namespace platform::operators
