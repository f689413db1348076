#include "shared/http/actuator.hpp"

#include "shared/core/json.hpp"
#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace platform::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ActuatorTest : public testing::Test {
protected:
    ActuatorTest() {
        health.add("db", [this] { return Health::Component{.up = db_up, .details = {{"database", "MySQL"}}}; });
        health.set_ready(true);
        server.start();
    }
    ~ActuatorTest() override { server.stop(); }
    RawAnswer ask(const std::string& path) const { return RawClient(server.port()).ask(get(path)); }

    SystemClock clock;
    metrics::Registry registry{"order"};
    Health health;
    std::atomic<bool> db_up{true};
    Server server{{.host = "127.0.0.1"}, clock, registry};
    Actuator actuator{server, health, registry, "order"};
};

TEST_F(ActuatorTest, HealthFollowsTheComponents) {
    EXPECT_EQ(ask("/actuator/health").status, 200);
    EXPECT_THAT(ask("/actuator/health").body, HasSubstr(R"("db":{"status":"UP")"));
    db_up = false;
    EXPECT_EQ(ask("/actuator/health").status, 503);
    EXPECT_EQ(ask("/actuator/health/liveness").status, 200);
    EXPECT_EQ(ask("/actuator/health/readiness").status, 200);
    health.set_ready(false);
    EXPECT_EQ(ask("/actuator/health/readiness").status, 503);
    EXPECT_EQ(ask("/actuator/health/liveness").body, R"({"status":"UP"})");
}

TEST_F(ActuatorTest, TheMetricsSayWhetherItIsReady) {
    EXPECT_THAT(ask("/actuator/prometheus").body, HasSubstr("\napplication_ready{application=\"order\"} 1\n"));
    health.set_ready(false);
    EXPECT_THAT(ask("/actuator/prometheus").body, HasSubstr("\napplication_ready{application=\"order\"} 0\n"));
}

TEST_F(ActuatorTest, InfoSaysWhoRunsHere) {
    const RawAnswer answer = ask("/actuator/info");
    EXPECT_THAT(answer.headers.at("content-type"), StartsWith("application/vnd.spring-boot.actuator"));
    const auto document = json::parse(answer.body);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->find("build")->find("name")->text(), "order");
    EXPECT_FALSE(document->find("build")->find("version")->text().empty());
    EXPECT_EQ(document->find("process")->find("pid")->text(), std::to_string(::getpid()));
    EXPECT_NE(document->find("process")->find("uptimeSeconds"), nullptr);
}

TEST_F(ActuatorTest, LinksAllEndpoints) {
    const auto document = json::parse(ask("/actuator").body);
    ASSERT_TRUE(document);
    for (const auto& [name, link] : document->find("_links")->members()) {
        EXPECT_EQ(ask(link.find("href")->text()).status, 200) << name;
    }
}

TEST_F(ActuatorTest, PrometheusIsTextInItsFormat) {
    ask("/actuator/info");
    const RawAnswer answer = ask("/actuator/prometheus");
    EXPECT_THAT(answer.headers.at("content-type"), StartsWith("text/plain; version=0.0.4"));
    EXPECT_THAT(answer.body, HasSubstr(R"(application="order")"));
    EXPECT_THAT(answer.body, HasSubstr(R"(uri="/actuator/info")"));
}

TEST_F(ActuatorTest, ScrapesAtTheSameTimeAreAllAnswered) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->send(get("/actuator/prometheus"));
    }
    for (const auto& client : clients) EXPECT_EQ(client->read().value_or(RawAnswer{}).status, 200);
}

}  // namespace
}  // namespace platform::http::test
