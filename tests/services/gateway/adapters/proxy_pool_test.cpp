#include "services/gateway/adapters/proxy_pool.hpp"

#include "tests/services/gateway/fake_upstream.hpp"
#include "tests/services/gateway/running_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;

TEST(ProxyPool, CarriesManyRequestsAtOnce) {
    test::FakeUpstream order;
    order.hold();
    test::RunningGateway gateway({{"UPSTREAM_ORDER", order.address()}, {"PROXY_THREADS", "8"}});
    std::vector<std::future<int>> answers;
    for (int i = 0; i < 8; ++i) {
        answers.push_back(std::async(std::launch::async, [url = gateway.url("/api/orders")] {
            return http::Client()
                .send({.method = "GET", .url = url, .headers = {}, .body = {}, .timeout = 20s})
                .value()
                .status;
        }));
    }
    EXPECT_TRUE(test::eventually([&] { return order.requests().size() == 8; }))
        << "all of them are with the service together";
    order.release();
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 200);
}

TEST(ProxyPool, AnswersWhatWaitsWhenItStops) {
    const SystemClock clock;
    metrics::Registry registry("gateway");
    RateLimiter limiter({.use_redis = false, .redis = {}}, clock, registry);
    UuidGenerator ids(clock);
    const tracing::Tracer tracer;
    Proxy proxy({}, limiter, ids, clock, tracer);
    resilience::Bulkhead closed("orders", 0);  // nothing is ever taken
    RouteQueues queues({{closed, 10}});
    Route route;
    Endpoints endpoints("order", {}, clock);
    resilience::Kit kit({}, clock, registry);
    RouteState state(route, endpoints, kit, {}, registry);

    http::Server server({.host = "127.0.0.1"}, clock, registry);
    server.route("GET", "/x", [&](const http::Request& request, http::Responder responder) {
        Job job{.request = request, .responder = std::move(responder), .received = clock.now()};
        EXPECT_TRUE(queues.push(0, std::move(job)));
    });
    server.start();
    ProxyPool pool(2, queues, proxy, limiter, [&](std::size_t) -> RouteState& { return state; });
    auto answer = std::async(std::launch::async, [&] {
        return http::Client().send(
            {.method = "GET",
             .url = "http://127.0.0.1:" + std::to_string(server.port()) + "/x",
             .headers = {},
             .body = {},
             .timeout = 20s}
        );
    });
    EXPECT_TRUE(test::eventually([&] { return queues.waiting(0) == 1; }));
    pool.stop();
    EXPECT_EQ(answer.get().value().status, 503);
    server.stop();
}

}  // namespace
}  // namespace platform::gateway
