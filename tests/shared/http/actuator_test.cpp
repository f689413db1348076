#include "shared/http/actuator.hpp"

#include "shared/core/json.hpp"
#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/utsname.h>
#include <unistd.h>

namespace platform::http::test {
namespace {

using testing::HasSubstr;
using testing::Not;
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
    Server server{{.host = "127.0.0.1", .threads = 1}, clock, registry};
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
    EXPECT_EQ(document->find("build")->find("artifact")->text(), "order");
    utsname machine{};
    ASSERT_EQ(::uname(&machine), 0);
    EXPECT_EQ(document->find("os")->find("name")->text(), machine.sysname);
    EXPECT_EQ(document->find("os")->find("version")->text(), machine.release);
    EXPECT_EQ(document->find("os")->find("arch")->text(), machine.machine);
}

TEST_F(ActuatorTest, HealthHasSpringsComponents) {
    EXPECT_EQ(ask("/actuator/health/ping").body, R"({"status":"UP"})");
    const auto disk = json::parse(ask("/actuator/health/diskSpace").body);
    ASSERT_TRUE(disk);
    EXPECT_EQ(disk->find("status")->text(), "UP");
    const auto* details = disk->find("details");
    ASSERT_NE(details, nullptr);
    EXPECT_EQ(details->find("path")->text(), std::filesystem::current_path());
    EXPECT_TRUE(details->find("exists")->boolean());
    EXPECT_EQ(details->find("threshold")->text(), "10485760");
    const auto space = std::filesystem::space(".");
    EXPECT_EQ(details->find("total")->text(), std::to_string(space.capacity));
    EXPECT_GT(std::stoull(details->find("free")->text()), 10'485'760U);
    EXPECT_LE(std::stoull(details->find("free")->text()), space.capacity);
}

TEST_F(ActuatorTest, LinksAllEndpoints) {
    const auto document = json::parse(ask("/actuator").body);
    ASSERT_TRUE(document);
    for (const auto& [name, link] : document->find("_links")->members()) {
        if (link.find("templated")->boolean()) continue;
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

TEST_F(ActuatorTest, MetricsCanBeAskedForOneByOne) {
    registry.counter("orders_placed_total", "Orders", {{"outcome", "placed"}}).add(2);
    registry.counter("orders_placed_total", "Orders", {{"outcome", "refused"}}).add(1);
    EXPECT_THAT(ask("/actuator/metrics").body, HasSubstr(R"("orders.placed")"));
    const RawAnswer all = ask("/actuator/metrics/orders.placed");
    EXPECT_THAT(all.headers.at("content-type"), StartsWith("application/vnd.spring-boot.actuator"));
    EXPECT_THAT(all.body, HasSubstr(R"("measurements":[{"statistic":"COUNT","value":3}])"));
    EXPECT_THAT(ask("/actuator/metrics/orders.placed?tag=outcome:placed").body, HasSubstr(R"({"statistic":"COUNT","value":2})"));
    for (const auto& [path, status] : {std::pair{"/actuator/metrics/no.such", 404}, std::pair{"/actuator/metrics/orders.placed?tag=outcome:lost", 404},
                                       std::pair{"/actuator/metrics/orders.placed?tag=outcome", 400}}) {
        const RawAnswer refused = ask(path);
        EXPECT_EQ(refused.status, status) << path;
        EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json") << path;
    }
}

TEST_F(ActuatorTest, MetricsAreNotRenderedByTheThreadThatReadsRequests) {
    std::atomic<std::thread::id> reader;
    std::atomic<std::thread::id> renderer;
    health.add("thread", [&] {
        reader = std::this_thread::get_id();
        return Health::Component{};
    });
    registry.gauge_from("thread", "Whose", {}, [&] {
        renderer = std::this_thread::get_id();
        return 1.0;
    });
    ask("/actuator/health");
    ASSERT_NE(reader.load(), std::thread::id());
    for (const char* path : {"/actuator/prometheus", "/actuator/metrics", "/actuator/metrics/thread"}) {
        renderer = std::thread::id();
        EXPECT_EQ(ask(path).status, 200) << path;
        EXPECT_NE(renderer.load(), std::thread::id()) << path;
        EXPECT_NE(renderer.load(), reader.load()) << path;
    }
}

TEST_F(ActuatorTest, AScrapeThatTakesLongHoldsUpNobody) {
    std::promise<void> begun;
    std::promise<void> may_end;
    registry.gauge_from("slow", "Slow", {}, [&, first = true]() mutable {
        if (std::exchange(first, false)) {
            begun.set_value();
            may_end.get_future().wait();
        }
        return 1.0;
    });
    RawClient scraper(server.port());
    scraper.send(get("/actuator/prometheus"));
    begun.get_future().wait();
    EXPECT_EQ(ask("/actuator/health").status, 200);
    EXPECT_EQ(ask("/actuator/info").status, 200);
    may_end.set_value();
    EXPECT_EQ(scraper.read().value_or(RawAnswer{}).status, 200);
}

TEST_F(ActuatorTest, OnePartOfHealthCanBeAskedFor) {
    EXPECT_EQ(ask("/actuator/health/db").body, R"({"status":"UP","details":{"database":"MySQL"}})");
    db_up = false;
    EXPECT_EQ(ask("/actuator/health/db").status, 503);
    EXPECT_EQ(ask("/actuator/health/nothing").status, 404);
}

TEST(ActuatorOfTwoServers, DetailsAndChangesAreForTheManagementPort) {
    const SystemClock clock;
    metrics::Registry registry{"order"};
    Health health;
    health.add("db", [] { return Health::Component{.up = true, .details = {{"database", "MySQL"}}}; });
    Server api{{.host = "127.0.0.1"}, clock, registry};
    Server management{{.host = "127.0.0.1"}, clock, registry};
    const Actuator actuator{api, management, health, registry, "order"};
    api.start();
    management.start();
    const auto ask = [](const Server& server, const std::string& request) { return RawClient(server.port()).ask(request); };
    EXPECT_THAT(ask(api, get("/actuator/health")).body, HasSubstr(R"("db":{"status":"UP"},)"));
    EXPECT_EQ(ask(api, get("/actuator/health/db")).body, R"({"status":"UP"})");
    EXPECT_THAT(ask(management, get("/actuator/health")).body, HasSubstr(R"("db":{"status":"UP","details":{"database":"MySQL"}})"));
    EXPECT_EQ(ask(api, get("/actuator/health/diskSpace")).body, R"({"status":"UP"})");
    EXPECT_THAT(ask(management, get("/actuator/health/diskSpace")).body, HasSubstr(R"("threshold":10485760)"));
    EXPECT_THAT(ask(api, get("/actuator/info")).body, Not(HasSubstr(R"("os":)"))) << "strangers need not know the kernel";
    EXPECT_THAT(ask(management, get("/actuator/info")).body, HasSubstr(R"("os":)"));
    for (const char* path : {"/actuator", "/actuator/info", "/actuator/prometheus", "/actuator/metrics", "/actuator/loggers"}) {
        EXPECT_EQ(ask(api, get(path)).status, 200) << path;
        EXPECT_EQ(ask(management, get(path)).status, 200) << path;
    }
    EXPECT_EQ(ask(api, post("/actuator/loggers/ROOT", "{}")).status, 405);
    EXPECT_EQ(ask(management, post("/actuator/loggers/ROOT", "{}")).status, 204);
    api.stop();
    management.stop();
}

}  // namespace
}  // namespace platform::http::test
