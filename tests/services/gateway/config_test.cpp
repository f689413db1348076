#include "services/gateway/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Config read(std::map<std::string, std::string> environment, std::string_view yaml = "") {
    const auto source = config::Source::of(std::move(environment), yaml);
    config::Reader reader(source);
    return read_config(reader);
}

std::string fault_of(std::map<std::string, std::string> environment, std::string_view yaml = "") {
    try {
        (void)read(std::move(environment), yaml);
    } catch (const config::SettingError& e) {
        return e.what();
    }
    return "";
}

TEST(GatewayConfig, HasThePlatformsRoutes) {
    const Config config = read({});
    EXPECT_EQ(config.http.port, 8080);
    EXPECT_EQ(config.http.max_body_bytes, 1024U * 1024U);
    ASSERT_EQ(config.routes.size(), 5U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(config.routes[i].pattern, "/api/orders*");
        EXPECT_EQ(config.routes[i].upstream, "order");
        EXPECT_TRUE(config.routes[i].rate_limited);
    }
    EXPECT_THAT(config.routes[0].methods, ElementsAre("POST"));
    EXPECT_THAT(config.routes[1].methods, ElementsAre("GET"));
    EXPECT_LT(config.routes[1].max_concurrent_calls, config.routes[0].max_concurrent_calls);
    EXPECT_THAT(config.routes[2].methods, ElementsAre("GET", "PUT", "POST"));
    EXPECT_THAT(config.routes[3].methods, ElementsAre("GET", "POST"));
    EXPECT_THAT(config.routes[4].methods, ElementsAre("GET"));
    for (std::size_t i = 2; i < 5; ++i) EXPECT_FALSE(config.routes[i].rate_limited);
    std::map<std::string, std::string> addresses;
    for (const auto& upstream : config.upstreams) addresses[upstream.name] = upstream.names.at(0).text();
    EXPECT_EQ(
        addresses,
        (std::map<std::string, std::string>{
            {"order", "127.0.0.1:8081"},
            {"payment", "127.0.0.1:8082"},
            {"inventory", "127.0.0.1:8083"},
            {"notification", "127.0.0.1:8084"}
        })
    );
}

TEST(GatewayConfig, ReadsRoutesFromTheFileAndTheEnvironment) {
    const Config config = read({{"UPSTREAM_ORDER", "order-headless:8081"}}, R"(
routes: [orders, order-history]
route:
  orders: {path: /api/orders, methods: [POST], timeout: 2s, retries: 0, rate-limit: false, breaker: false, bulkhead: 7, queue: 9}
  order-history: {path: /api/history/*, upstream: history}
upstream: {history: ["history-headless:9000", "10.0.0.1:9001"]}
breaker: {window: 50, min-calls: 10, open: 1s}
)");
    Route expected;
    expected.id = "orders";
    expected.pattern = "/api/orders";
    expected.methods = {"POST"};
    expected.upstream = "order";
    expected.timeout = 2s;
    expected.retries = 0;
    expected.rate_limited = false;
    expected.breaker = false;
    expected.max_concurrent_calls = 7;
    expected.max_queue = 9;
    EXPECT_EQ(config.routes[0], expected);
    EXPECT_EQ(config.routes[1].upstream, "history");
    ASSERT_EQ(config.upstreams.size(), 2U);
    EXPECT_EQ(config.upstreams[0].names[0].text(), "order-headless:8081");
    EXPECT_EQ(config.upstreams[1].names[1].text(), "10.0.0.1:9001");
    EXPECT_EQ(config.breaker.sliding_window_size, 50);
    EXPECT_EQ(config.breaker.wait_duration_in_open_state, 1s);
}

TEST(GatewayConfig, TheServerWaitsLongerThanEveryRoute) {
    EXPECT_GT(read({{"ROUTE_ORDERS_TIMEOUT", "2m"}}).http.answer_timeout, 2min);
}

TEST(GatewayConfig, EveryBadSettingNamesItself) {
    struct Case {
        const char* name;
        const char* value;
    };
    for (const auto& [name, value] : {
             Case{"HTTP_PORT", "http"},
             Case{"HTTP_MAX_BODY", "0"},
             Case{"LOG_LEVEL", "loud"},
             Case{"ROUTES", "Orders"},
             Case{"ROUTES", "orders,orders"},
             Case{"ROUTES", "a b"},
             Case{"ROUTE_ORDERS_RETRIES", "-1"},
             Case{"ROUTE_ORDERS_TIMEOUT", "0"},
             Case{"ROUTE_ORDERS_BULKHEAD", "0"},
             Case{"UPSTREAM_ORDER", "order"},
             Case{"UPSTREAM_ORDER", "order:8081,other"},
             Case{"UPSTREAM_ORDER_SERVICE", "order"},
             Case{"RETRY_BUDGET_PERCENT", "101"},
             Case{"BREAKER_FAILURE_RATE", "0"},
             Case{"RATE_LIMIT_STORE", "file"},
             Case{"RATE_LIMIT_BURST", "0"},
             Case{"REDIS_PORT", "0"},
             Case{"REDIS_TLS", "on"},
             Case{"REDIS_TLS_CA", "/etc/hosts"},
         }) {
        EXPECT_THAT(fault_of({{name, value}}), HasSubstr(name)) << value;
    }
    EXPECT_THAT(fault_of({{"REDIS_TLS", "required-verified"}}), HasSubstr("REDIS_TLS_CA: must be set"));
    EXPECT_THAT(
        fault_of({{"REDIS_TLS", "required-verified"}, {"REDIS_TLS_CA", "/no/such"}}),
        HasSubstr("REDIS_TLS_CA: the file '/no/such' cannot be read")
    );
    EXPECT_THAT(fault_of({{"ROUTES", "shop"}}), HasSubstr("ROUTE_SHOP_PATH: must be set"));
    EXPECT_THAT(
        fault_of({{"ROUTES", "shop"}, {"ROUTE_SHOP_PATH", "/shop*"}, {"ROUTE_SHOP_UPSTREAM", "shop"}}),
        HasSubstr("UPSTREAM_SHOP: must be set")
    );
}

TEST(GatewayConfig, RefusesRoutesThatOpenActuatorsOrClash) {
    EXPECT_THAT(fault_of({{"ROUTE_ORDERS_PATH", "/actuator*"}}), HasSubstr("route 'orders'"));
    EXPECT_THAT(fault_of({{"ROUTE_ORDERS_PATH", "/*"}}), HasSubstr("route 'orders'"));
    EXPECT_THAT(fault_of({{"ROUTE_PAYMENTS_PATH", "/api/orders*"}}), HasSubstr("route 'payments'"));
    EXPECT_THAT(fault_of({{"ROUTE_ORDERS_METHODS", "GET,FETCH"}}), HasSubstr("route 'orders'"));
}

}  // namespace
}  // namespace platform::gateway
