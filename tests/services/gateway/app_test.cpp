#include "services/gateway/app.hpp"

#include "shared/core/json.hpp"
#include "tests/services/gateway/fake_upstream.hpp"
#include "tests/services/gateway/running_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class AppTest : public testing::Test {
protected:
    test::Settings settings() const {
        return {
            {"ROUTES", "orders,inventory"},
            {"UPSTREAM_ORDER", order_.address()},
            {"UPSTREAM_INVENTORY", inventory_.address()}
        };
    }
    test::FakeUpstream order_;
    test::FakeUpstream inventory_;
};

TEST_F(AppTest, RoutesByPathAndMethod) {
    test::RunningGateway gateway(settings());
    inventory_.answer(http::Response{.status = 200, .body = "stock", .headers = {}});
    EXPECT_EQ(gateway.get("/api/inventory/P-1001").body, "stock");
    EXPECT_EQ(gateway.post("/api/orders/1/cancel").status, 200);
    EXPECT_EQ(order_.requests().size(), 1U);

    const auto method = gateway.send({.method = "DELETE", .url = "/api/inventory/P-1001", .headers = {}, .body = {}});
    EXPECT_EQ(method.status, 405);
    EXPECT_THAT(method.headers.at("allow"), HasSubstr("PUT"));
    EXPECT_EQ(method.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(gateway.get("/api/unknown").status, 404);
    EXPECT_EQ(gateway.get("/api/orderscopy").status, 404);
    EXPECT_EQ(inventory_.requests().size(), 1U);
}

TEST_F(AppTest, NeverReachesTheActuatorOfAService) {
    test::RunningGateway gateway(settings());
    for (const char* path :
         {"/api/orders/..%2f..%2factuator", "/api/orders/x%2f..%2factuator", "/actuator/nothing"}) {
        const auto status = gateway.get(path).status;
        EXPECT_TRUE(status == 400 || status == 404) << path << ": " << status;
    }
    // The client library may resolve these itself; then they ask for the gateway's own.
    (void)gateway.get("/api/orders/../../actuator/health");
    (void)gateway.get("/api/orders/%2e%2e/%2e%2e/actuator/prometheus");
    EXPECT_TRUE(order_.requests().empty());
    EXPECT_THAT(gateway.get("/actuator/prometheus").body, HasSubstr("application=\"gateway\"")) << "its own";
}

TEST_F(AppTest, ShowsServicesAndPods) {
    test::RunningGateway gateway(settings());
    const auto service = [&](std::string_view name) {
        const auto report = json::parse(gateway.get("/actuator/services").body).value();
        for (const auto& entry : report.find("services")->items()) {
            if (entry.find("name")->text() == name) return entry.find("status")->text();
        }
        return std::string("absent");
    };
    EXPECT_EQ(service("gateway"), "UP");
    EXPECT_TRUE(test::eventually([&] { return service("order") == "UP" && service("inventory") == "UP"; }));
    inventory_.set_ready(false);
    EXPECT_TRUE(test::eventually([&] { return service("inventory") == "DOWN"; }));
    EXPECT_EQ(service("order"), "UP");
    inventory_.set_ready(true);
    EXPECT_TRUE(test::eventually([&] { return service("inventory") == "UP"; }));
    EXPECT_THAT(gateway.get("/actuator/services").body, HasSubstr(order_.address()));
}

TEST_F(AppTest, ShowsTheLagOfConsumersToWhoLooks) {
    inventory_.registry()
        .gauge("kafka_consumer_fetch_manager_records_lag", "help", {{"group", "inventory"}, {"topic", "order.events"}, {"partition", "3"}})
        .set(42);
    test::RunningGateway gateway(settings());
    ASSERT_TRUE(test::eventually([&] { return inventory_.probes() > 2; }));
    EXPECT_EQ(inventory_.scrapes(), 0) << "nobody looks";
    EXPECT_TRUE(test::eventually([&] {
        return gateway.get("/actuator/services")
            .body.contains(
                R"("consumers":[{"group":"inventory","service":"inventory","lag":42,"partitions":[{"topic":"order.events","partition":3,"lag":42}]}])"
            );
    }));
}

TEST_F(AppTest, IsReadyWithoutItsServices) {
    order_.stop();
    inventory_.stop();
    test::RunningGateway gateway(settings());
    EXPECT_EQ(gateway.get("/actuator/health/readiness").status, 200);
    EXPECT_EQ(gateway.get("/actuator/health/liveness").status, 200);
    EXPECT_EQ(gateway.get("/actuator/health").status, 200);
    EXPECT_EQ(gateway.get("/").status, 200);
}

TEST_F(AppTest, SharesTheLoadAmongPodsThatAreUp) {
    test::FakeUpstream second;
    auto both = settings();
    both["UPSTREAM_ORDER"] = order_.address() + "," + second.address();
    test::RunningGateway gateway(both);
    ASSERT_TRUE(test::eventually([&] { return order_.probes() > 0 && second.probes() > 0; }));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(gateway.get("/api/orders").status, 200);
    EXPECT_GE(order_.requests().size(), 5U);
    EXPECT_GE(second.requests().size(), 5U);

    second.set_ready(false);
    const auto report_shows_it = [&] {
        return gateway.get("/actuator/services")
            .body.contains("\"" + second.address() + "\",\"status\":\"DOWN\"");
    };
    ASSERT_TRUE(test::eventually(report_shows_it));
    const auto before = second.requests().size();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.get("/api/orders").status, 200);
    EXPECT_EQ(second.requests().size(), before);
}

TEST_F(AppTest, RefusesALargeBody) {
    test::RunningGateway gateway(settings());
    const auto answer = gateway.post("/api/orders", std::string(1024 * 1024 + 1, 'x'));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(gateway.post("/api/orders", std::string(1024 * 1024, 'x')).status, 200);
    EXPECT_EQ(order_.requests().size(), 1U);
}

TEST_F(AppTest, ReadersOfOrdersDoNotTakeThePlacesOfNewOnes) {
    auto with_readers = settings();
    with_readers["ROUTES"] = "orders,orders-read";
    with_readers["ROUTE_ORDERS_METHODS"] = "POST";
    with_readers["ROUTE_ORDERS_READ_BULKHEAD"] = "1";
    test::RunningGateway gateway(with_readers);
    order_.hold();
    const auto ask = [url = gateway.url("/api/orders")](const char* method) {
        return std::async(std::launch::async, [url, method] {
            return http::Client().send({.method = method, .url = url, .headers = {}, .body = {}, .timeout = 20s}).value().status;
        });
    };
    auto reader = ask("GET");
    ASSERT_TRUE(test::eventually([&] { return order_.requests().size() == 1; }));
    auto next_reader = ask("GET");
    ASSERT_TRUE(test::eventually([&] {
        return gateway.metric("resilience4j_bulkhead_queue_depth{application=\"gateway\",name=\"orders-read\"}") == "1";
    }));
    auto customer = ask("POST");
    ASSERT_TRUE(test::eventually([&] { return order_.requests().size() == 2; }));
    EXPECT_EQ(order_.requests()[1].method, "POST");
    order_.answer(200);
    order_.release();
    EXPECT_EQ(customer.get(), 200);
    EXPECT_EQ(reader.get(), 200);
    EXPECT_EQ(next_reader.get(), 200);
}

TEST_F(AppTest, FinishesWhatRunsBeforeItStops) {
    auto with_delay = settings();
    with_delay["DRAIN_DELAY"] = "1s";
    test::RunningGateway gateway(with_delay);
    order_.hold();
    auto running = std::async(std::launch::async, [url = gateway.url("/api/orders")] {
        return http::Client()
            .send({.method = "GET", .url = url, .headers = {}, .body = {}, .timeout = 20s})
            .value()
            .status;
    });
    ASSERT_TRUE(test::eventually([&] { return order_.requests().size() == 1; }));
    auto stopping = std::async(std::launch::async, [&] { gateway.app().stop(); });
    ASSERT_TRUE(test::eventually([&] { return !gateway.app().ready(); }));
    EXPECT_EQ(gateway.get("/actuator/health/readiness").status, 503) << "still serving, no longer ready";
    order_.release();
    EXPECT_EQ(running.get(), 200);
    stopping.get();
    EXPECT_FALSE(http::Client().send({.method = "GET", .url = gateway.url("/"), .headers = {}, .body = {}}
    ).has_value());
}

TEST_F(AppTest, ABreakerIsSetByHandOnTheManagementPort) {
    test::RunningGateway gateway(settings());
    EXPECT_THAT(gateway.get("/actuator/circuitbreakers").body, HasSubstr(R"("orders":{"failureRate":"-1.0%")"));
    EXPECT_THAT(gateway.get("/actuator/retries").body, HasSubstr(R"("orders")"));
    const auto force_open = [&](std::string url) {
        return gateway
            .send({.method = "POST", .url = std::move(url), .headers = {}, .body = R"({"updateState":"FORCE_OPEN"})"})
            .status;
    };
    EXPECT_EQ(force_open("/actuator/circuitbreakers/orders"), 404);
    EXPECT_EQ(gateway.get("/api/orders").status, 200);
    EXPECT_EQ(force_open(gateway.management_url("/actuator/circuitbreakers/orders")), 200);
    EXPECT_EQ(gateway.get("/api/orders").status, 503);
}

TEST_F(AppTest, TellsHowLongTheAuthoritiesOfRedisAreGoodWhereThereAreAny) {
    constexpr const char* kSeries = "ssl_chain_expiry_seconds{application=\"gateway\",bundle=\"redis\"}";
    const auto path = std::filesystem::temp_directory_path() / ("gateway_app_test." + std::to_string(getpid()));
    std::ofstream(path) << "-----BEGIN CERTIFICATE-----\n";
    auto secured = settings();
    secured["REDIS_TLS"] = "required-verified";
    secured["REDIS_TLS_CA"] = path.string();
    EXPECT_EQ(test::RunningGateway(secured).metric(kSeries), "Nan") << "no whole certificate is in the file";
    EXPECT_EQ(test::RunningGateway(settings()).metric(kSeries), "");
    std::filesystem::remove(path);
}

TEST_F(AppTest, NamesAPortThatIsTaken) {
    test::RunningGateway gateway(settings());
    auto same_port = settings();
    same_port["HTTP_PORT"] = std::to_string(gateway.app().port());
    const SystemClock clock;
    App second(test::config_of(same_port), clock);
    try {
        second.start();
        FAIL() << "two gateways on one port";
    } catch (const std::runtime_error& e) {
        EXPECT_THAT(e.what(), HasSubstr(same_port["HTTP_PORT"]));
    }
}

}  // namespace
}  // namespace platform::gateway
