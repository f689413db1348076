#include "services/gateway/adapters/proxy.hpp"

#include "shared/core/traceparent.hpp"
#include "shared/core/json.hpp"
#include "shared/core/uuid.hpp"
#include "tests/services/gateway/fake_upstream.hpp"
#include "tests/services/gateway/raw_pod.hpp"
#include "tests/services/gateway/running_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;

/// A gateway in front of one fake order service; tests may add settings first.
class ProxyTest : public testing::Test {
protected:
    test::RunningGateway& gateway() {
        if (!gateway_) {
            settings_.try_emplace("UPSTREAM_ORDER", order_.address());
            gateway_ = std::make_unique<test::RunningGateway>(settings_);
        }
        return *gateway_;
    }
    static std::string code_of(const http::ClientResponse& answer) {
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
        const auto body = json::parse(answer.body);
        EXPECT_TRUE(body.has_value()) << answer.body;
        EXPECT_EQ(body->find("correlationId")->text(), answer.headers.at("x-correlation-id"));
        return body->find("code")->text();
    }
    /// As many pods as wanted answer with this status, then 200.
    void fail_times(int times, http::Response failure) {
        order_.behave([left = std::make_shared<std::atomic<int>>(times),
                       failure](const http::Request&, http::Responder responder) {
            responder.send(
                --*left >= 0 ? failure : http::Response{.status = 200, .body = "{}", .headers = {}}
            );
        });
    }

    test::FakeUpstream order_;
    test::Settings settings_{{"ROUTE_ORDERS_RATE_LIMIT", "false"}, {"BREAKER_MIN_CALLS", "100"}};
    std::unique_ptr<test::RunningGateway> gateway_;
};

const http::Response kBusy{.status = 503, .body = "{}", .headers = {}};
const http::Response kSheds{.status = 503, .body = "{}", .headers = {{"Retry-After", "7"}}};

TEST_F(ProxyTest, CarriesTheRequestAndTheAnswer) {
    order_.answer(http::Response{
        .status = 202,
        .content_type = "application/json",
        .body = R"({"orderId":"1"})",
        .headers = {{"Location", "/api/orders/1"}, {"ETag", "\"3\""}}
    });
    const auto answer = gateway().post("/api/orders?x=a%20b&y=1", R"({"productId":"P-1001"})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, R"({"orderId":"1"})");
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.headers.at("location"), "/api/orders/1");
    EXPECT_EQ(answer.headers.at("etag"), "\"3\"");
    ASSERT_EQ(order_.requests().size(), 1U);
    const auto received = order_.requests().front();
    EXPECT_EQ(received.method, "POST");
    EXPECT_EQ(received.target, "/api/orders?x=a%20b&y=1");
    EXPECT_EQ(received.body, R"({"productId":"P-1001"})");
    EXPECT_EQ(received.header("content-type"), "application/json");
    EXPECT_EQ(
        gateway().metric(
            "spring_cloud_gateway_requests_seconds_count{application=\"gateway\",httpMethod=\"POST\","
            "httpStatusCode=\"202\","
            "outcome=\"SUCCESSFUL\",routeId=\"orders\",routeUri=\"lb://order\",status=\"Accepted\"}"
        ),
        "1"
    );
}

TEST_F(ProxyTest, PassesOnWhateverTheServiceDecides) {
    for (const int status : {200, 201, 204, 400, 404, 409, 422, 429, 500, 501}) {
        order_.answer(status);
        EXPECT_EQ(gateway().get("/api/orders/1").status, status);
    }
    EXPECT_EQ(order_.requests().size(), 10U) << "none of these is worth another try";
}

TEST_F(ProxyTest, KeepsHeadersClean) {
    const auto answer = gateway().send({
        .method = "GET",
        .url = "/api/orders",
        .headers =
            {{"X-Forwarded-For", "1.2.3.4"},
             {"Forwarded", "for=1.2.3.4"},
             {"X-Request-Id", "mine"},
             {"Connection", "X-Secret"},
             {"X-Secret", "1"},
             {"X-Correlation-Id", "corr-7"},
             {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}},
        .body = {},
    });
    const auto received = order_.requests().at(0);
    EXPECT_EQ(received.header("x-forwarded-for"), "127.0.0.1");
    EXPECT_EQ(received.header("x-forwarded-proto"), "http");
    EXPECT_EQ(received.header("x-forwarded-host"), "127.0.0.1:" + std::to_string(gateway().app().port()));
    EXPECT_EQ(received.header("forwarded"), std::nullopt);
    EXPECT_EQ(received.header("x-secret"), std::nullopt);
    EXPECT_TRUE(received.header("traceparent").value_or("").starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    EXPECT_EQ(received.correlation_id, "corr-7");
    EXPECT_EQ(answer.headers.at("x-correlation-id"), "corr-7");
    const std::string request_id = received.header("x-request-id").value_or("");
    ASSERT_TRUE(Uuid::parse(request_id).has_value()) << request_id;
    EXPECT_EQ(request_id[14], '7') << "a UUIDv7 of our own, never the client's";
    EXPECT_EQ(answer.headers.at("x-request-id"), request_id);
}

TEST_F(ProxyTest, AnswersHeadWithoutABody) {
    const auto answer = gateway().send({.method = "HEAD", .url = "/api/orders", .headers = {}, .body = {}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(order_.requests().at(0).method, "GET");
}

TEST_F(ProxyTest, TriesAgainWithTheSameRequestId) {
    fail_times(2, kBusy);
    EXPECT_EQ(gateway().get("/api/orders/1").status, 200);
    std::set<std::string> ids;
    for (const auto& request : order_.requests()) ids.insert(request.header("x-request-id").value_or("none"));
    EXPECT_EQ(order_.requests().size(), 3U);
    EXPECT_EQ(ids.size(), 1U);
    EXPECT_EQ(
        gateway().metric("resilience4j_retry_calls_total{application=\"gateway\",kind=\"successful_with_"
                         "retry\",name=\"orders\"}"),
        "1"
    );
}

TEST_F(ProxyTest, GivesUpAfterItsTries) {
    order_.answer(kBusy);
    EXPECT_EQ(gateway().get("/api/orders/1").status, 503);
    EXPECT_EQ(order_.requests().size(), 3U);
    EXPECT_EQ(
        gateway().metric("resilience4j_retry_calls_total{application=\"gateway\",kind=\"failed_with_retry\","
                         "name=\"orders\"}"),
        "1"
    );
}

TEST_F(ProxyTest, RepeatsAPostOnlyWithAKey) {
    fail_times(1, kBusy);
    EXPECT_EQ(gateway().post("/api/orders").status, 503);
    EXPECT_EQ(order_.requests().size(), 1U);
    fail_times(1, kBusy);
    EXPECT_EQ(gateway().post("/api/orders", "{}", true).status, 200);
    EXPECT_EQ(order_.requests().size(), 3U);
    EXPECT_EQ(order_.requests().back().header("idempotency-key"), "\"a-key\"");
}

TEST_F(ProxyTest, NeverAnswersOverloadWithMoreLoad) {
    order_.answer(kSheds);
    for (int i = 0; i < 5; ++i) {
        const auto answer = gateway().get("/api/orders/1");
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(answer.headers.at("retry-after"), "7");
    }
    EXPECT_EQ(order_.requests().size(), 5U);
}

TEST_F(ProxyTest, KeepsRetriesWithinTheBudget) {
    settings_.merge(test::Settings{{"RETRY_BUDGET_PERCENT", "0"}, {"RETRY_BUDGET_PER_SECOND", "0"}});
    order_.answer(kBusy);
    EXPECT_EQ(gateway().get("/api/orders/1").status, 503);
    EXPECT_EQ(order_.requests().size(), 1U);
}

TEST_F(ProxyTest, TakesAnotherPodWhenOneCannotBeReached) {
    test::FakeUpstream gone;
    const std::string closed = gone.address();
    gone.stop();
    settings_.emplace("UPSTREAM_ORDER", closed + "," + order_.address());
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(gateway().post("/api/orders").status, 200) << "nothing was sent to the pod that is gone";
    EXPECT_EQ(order_.requests().size(), 6U);
}

TEST_F(ProxyTest, SaysThatTheServiceIsGone) {
    (void)gateway();
    order_.stop();
    const auto answer = gateway().post("/api/orders");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
    EXPECT_EQ(code_of(answer), "upstream-unavailable");
}

TEST_F(ProxyTest, SaysThatNoPodIsKnown) {
    settings_.emplace("UPSTREAM_ORDER", "no-such-service.invalid:8081");
    const auto answer = gateway().get("/api/orders");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(code_of(answer), "no-endpoint");
}

TEST_F(ProxyTest, DoesNotRepeatAPostThatMayHaveBeenDone) {
    test::RawPod breaks_off;
    settings_.emplace(
        "UPSTREAM_ORDER", "127.0.0.1:" + std::to_string(breaks_off.port()) + "," + order_.address()
    );
    std::set<std::string> codes;
    for (int i = 0; i < 4; ++i) {
        const auto answer = gateway().post("/api/orders");
        if (answer.status != 200) codes.insert(std::to_string(answer.status) + " " + code_of(answer));
    }
    EXPECT_EQ(codes, std::set<std::string>{"502 upstream-lost"});
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(gateway().get("/api/orders").status, 200) << "a GET is simply sent to the other pod";
}

TEST_F(ProxyTest, EndsAtTheTimeLimit) {
    settings_.emplace("ROUTE_ORDERS_TIMEOUT", "1s");
    order_.hold();
    const auto answer = gateway().get("/api/orders");
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(code_of(answer), "upstream-timeout");
    order_.release();
}

TEST_F(ProxyTest, OpensTheBreakerAndHeals) {
    settings_.insert_or_assign("BREAKER_MIN_CALLS", "4");
    settings_.merge(
        test::Settings{{"BREAKER_WINDOW", "4"}, {"BREAKER_HALF_OPEN_CALLS", "1"}, {"BREAKER_OPEN", "2s"}}
    );
    order_.answer(500);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(gateway().get("/api/orders").status, 500);
    const auto refused = gateway().get("/api/orders");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    EXPECT_EQ(code_of(refused), "circuit-open");
    EXPECT_EQ(order_.requests().size(), 4U) << "the service is left in peace";
    EXPECT_EQ(
        gateway().metric(
            "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"open\"}"
        ),
        "1"
    );
    order_.answer(200);
    EXPECT_TRUE(test::eventually([&] { return gateway().get("/api/orders").status == 200; }));
    EXPECT_EQ(
        gateway().metric(
            "resilience4j_circuitbreaker_state{application=\"gateway\",name=\"orders\",state=\"closed\"}"
        ),
        "1"
    );
}

TEST_F(ProxyTest, ShedsWhatItsQueueCannotHold) {
    settings_.merge(test::Settings{{"ROUTE_ORDERS_BULKHEAD", "1"}, {"ROUTE_ORDERS_QUEUE", "1"}});
    order_.hold();
    const auto ask = [url = gateway().url("/api/orders")] {
        return http::Client()
            .send({.method = "GET", .url = url, .headers = {}, .body = {}, .timeout = 20s})
            .value();
    };
    auto running = std::async(std::launch::async, ask);
    ASSERT_TRUE(test::eventually([&] { return order_.requests().size() == 1; }));
    auto waiting = std::async(std::launch::async, ask);
    ASSERT_TRUE(test::eventually([&] {
        return gateway().metric("resilience4j_bulkhead_queue_depth{application=\"gateway\",name=\"orders\"}"
               ) == "1";
    }));
    const auto refused = ask();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    EXPECT_EQ(code_of(refused), "overloaded");
    order_.answer(200);
    order_.release();
    EXPECT_EQ(running.get().status, 200);
    EXPECT_EQ(waiting.get().status, 200);
}

TEST_F(ProxyTest, CarriesTheTraceOnOrBeginsOne) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-";
    EXPECT_EQ(
        gateway().send({.method = "GET", .url = "/api/orders", .headers = {{"traceparent", trace + "00f067aa0ba902b7-01"}}, .body = {}}).status,
        200
    );
    EXPECT_EQ(gateway().get("/api/orders").status, 200);
    const auto seen = order_.requests();
    ASSERT_EQ(seen.size(), 2U);
    const auto carried = seen[0].header("traceparent").value_or("");
    EXPECT_TRUE(carried.starts_with(trace)) << carried;
    EXPECT_NE(carried, trace + "00f067aa0ba902b7-01") << "a hop of its own";
    EXPECT_TRUE(traceparent::valid(seen[1].header("traceparent").value_or("")));
}

TEST_F(ProxyTest, LimitsTheRateOfAClient) {
    settings_.insert_or_assign("ROUTE_ORDERS_RATE_LIMIT", "true");
    settings_.merge(test::Settings{{"RATE_LIMIT_REPLENISH", "1"}, {"RATE_LIMIT_BURST", "2"}});
    const auto first = gateway().get("/api/orders");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.headers.at("x-ratelimit-remaining"), "1");
    EXPECT_EQ(first.headers.at("x-ratelimit-replenish-rate"), "1");
    EXPECT_EQ(first.headers.at("x-ratelimit-burst-capacity"), "2");
    EXPECT_EQ(first.headers.at("x-ratelimit-requested-tokens"), "1");
    EXPECT_EQ(first.headers.at("ratelimit-policy"), R"("orders";q=2;w=2)");
    EXPECT_EQ(first.headers.at("ratelimit"), R"("orders";r=1;t=1)");
    http::ClientResponse refused;
    EXPECT_TRUE(test::eventually([&] { return (refused = gateway().get("/api/orders")).status == 429; }));
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    EXPECT_EQ(refused.headers.at("x-ratelimit-remaining"), "0");
    EXPECT_EQ(refused.headers.at("ratelimit"), R"("orders";r=0;t=1)") << "not later than Retry-After";
    EXPECT_EQ(code_of(refused), "rate-limited");
    const auto seen = order_.requests().size();
    EXPECT_TRUE(test::eventually([&] { return gateway().get("/api/orders").status == 200; }))
        << "tokens come back";
    EXPECT_EQ(order_.requests().size(), seen + 1) << "refused requests reach nobody";
}

}  // namespace
}  // namespace platform::gateway
