#include "services/order/adapters/order_api.hpp"

#include "tests/services/order/bad_orders.hpp"
#include "tests/services/order/order_platform.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>

namespace platform::order {
namespace {

class OrderApiTest : public OrderServiceTest {
protected:
    OrderApiTest() { start(); }
    http::ClientResponse send(http::ClientRequest request) { return service_->send(std::move(request)); }
    http::ClientResponse cancel(const std::string& order) {
        auto request = post("");
        request.url = "/api/orders/" + order + "/cancel";
        return send(std::move(request));
    }
    static std::vector<std::string> pointers(const http::ClientResponse& response) {
        std::vector<std::string> found;
        const auto body = json::parse(response.body);
        const auto* errors = body ? body->find("errors") : nullptr;
        if (errors == nullptr) return found;
        for (const auto& fault : errors->items()) found.push_back(fault.find("pointer")->text());
        return found;
    }
};

TEST_F(OrderApiTest, AcceptsTheReferenceOrder) {
    const auto answer = send(post(std::string(kReferenceOrder), {{"X-Correlation-Id", "my-correlation"}}));
    ASSERT_EQ(answer.status, 202) << answer.body;
    const std::string order = member(answer, "orderId");
    EXPECT_EQ(answer.headers.at("location"), "/api/orders/" + order);
    EXPECT_EQ(answer.headers.at("x-correlation-id"), "my-correlation");
    EXPECT_EQ(member(answer, "status"), "CREATED");

    const auto shown = service_->get("/api/orders/" + order);
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(member(shown, "price"), "199.99");
    EXPECT_EQ(member(shown, "currency"), "EUR");
    EXPECT_EQ(member(shown, "correlationId"), "my-correlation");
    EXPECT_NE(shown.headers.at("etag"), "");
}

TEST_F(OrderApiTest, EveryBadBodyIsRefusedByFieldAndNothingIsStored) {
    for (const BadOrder& bad : bad_orders()) {
        SCOPED_TRACE(bad.name);
        const auto answer = send(post(bad.body));
        EXPECT_EQ(answer.status, bad.status) << answer.body;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
        EXPECT_TRUE(std::ranges::contains(pointers(answer), bad.pointer)) << answer.body;
        EXPECT_NE(member(answer, "correlationId"), "");
    }
    const auto large = send(post("{\"productId\":\"" + std::string(2'000'000, 'P') + "\"}"));
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(platform_.number("SELECT (SELECT COUNT(*) FROM orders) + (SELECT COUNT(*) FROM outbox)"), 0);
    EXPECT_EQ(place().size(), 36U) << "the service goes on";
}

TEST_F(OrderApiTest, OtherContentTypesAreRefused) {
    for (const std::string type :
         {"text/plain", "application/jsonx", "application/x-www-form-urlencoded", "json"}) {
        auto request = post(std::string(kReferenceOrder));
        request.headers = {{"Content-Type", type}};
        EXPECT_EQ(send(std::move(request)).status, 415) << type;
    }
    auto request = post(std::string(kReferenceOrder));
    request.headers = {{"Content-Type", "Application/JSON; charset=utf-8"}};
    EXPECT_EQ(send(std::move(request)).status, 202);
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders"), 1);
}

TEST_F(OrderApiTest, UnknownRoutesAndMethodsAreProblems) {
    auto request = post("{}");
    request.url = "/api/nothing";
    EXPECT_EQ(send(request).status, 404);
    request.url = "/api/orders";
    request.method = "DELETE";
    const auto answer = send(request);
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
}

TEST_F(OrderApiTest, ARepeatedRequestIdIsOneOrder) {
    const std::string id = order_id(1).text();
    EXPECT_EQ(place({{"X-Request-Id", id}}), id);
    EXPECT_EQ(place({{"X-Request-Id", id}}), id);
    const auto other = send(post(R"({"productId":"P-2","quantity":1,"price":1})", {{"X-Request-Id", id}}));
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(member(other, "code"), "request-id-reused");
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders"), 1);
    EXPECT_NE(place({{"X-Request-Id", "not a uuid"}}), id);
}

TEST_F(OrderApiTest, AnIdempotencyKeyIsOneOrder) {
    const std::string order = place({{"Idempotency-Key", "\"key-1\""}});
    const auto replay = send(post(std::string(kReferenceOrder), {{"Idempotency-Key", "key-1"}}));
    EXPECT_EQ(replay.status, 202);
    EXPECT_EQ(member(replay, "orderId"), order);
    EXPECT_EQ(replay.headers.at("idempotency-replayed"), "true");
    const auto other =
        send(post(R"({"productId":"P-2","quantity":1,"price":1})", {{"Idempotency-Key", "key-1"}}));
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(member(other, "code"), "idempotency-key-reused");
    EXPECT_EQ(
        send(post(std::string(kReferenceOrder), {{"Idempotency-Key", std::string(256, 'k')}})).status, 400
    );
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders"), 1);
}

TEST_F(OrderApiTest, ConcurrentRequestsWithOneKeyAreOneOrder) {
    constexpr int kClients = 8;
    std::vector<http::ClientResponse> answers(kClients);
    {
        std::vector<std::jthread> clients;
        for (auto& answer : answers) {
            clients.emplace_back([&] {
                http::Client client;
                auto request = post(std::string(kReferenceOrder), {{"Idempotency-Key", "one"}});
                request.url = service_->url(request.url);
                if (auto got = client.send(request)) answer = *std::move(got);
            });
        }
    }
    std::set<std::string> orders;
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.status, 202) << answer.body;
        orders.insert(member(answer, "orderId"));
    }
    EXPECT_EQ(orders.size(), 1U);
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders"), 1);
}

TEST_F(OrderApiTest, ACustomerCancelsUntilTheOrderHasEnded) {
    EXPECT_EQ(cancel(order_id(7).text()).status, 404);
    const std::string order = place();
    const auto answer = cancel(order);
    EXPECT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(member(answer, "sagaState"), "COMPENSATING");
    EXPECT_EQ(cancel(order).status, 202) << "asking twice is no harm";
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CANCELLED", order).size() == 1; }));
    const OrderId id = OrderId::parse(order).value();
    platform_.say(leg_event(id, 1, voided()));
    platform_.say(leg_event(id, 2, released()));
    ASSERT_TRUE(becomes(order, "CANCELLED"));
    EXPECT_EQ(member(service_->get("/api/orders/" + order), "failureCode"), "CUSTOMER_CANCELLED");
    const auto again = cancel(order);
    EXPECT_EQ(again.status, 202) << "it is what the customer asked for";
    EXPECT_EQ(member(again, "sagaState"), "CANCELLED");
    EXPECT_FALSE(platform_.heard(
        [&] { return platform_.events_of("ORDER_CANCELLED", order).size() > 1; }, std::chrono::milliseconds(200)
    )) << "told twice";
}

TEST_F(OrderApiTest, AnOrderThatHasEndedOtherwiseIsNotCancelled) {
    const std::string completed = place();
    const std::string failed = place();
    const OrderId first = OrderId::parse(completed).value();
    const OrderId second = OrderId::parse(failed).value();
    for (const auto& event :
         {leg_event(first, 1, paid()),
          leg_event(first, 2, reserved()),
          leg_event(second, 3, declined()),
          leg_event(second, 4, out_of_stock())})
        platform_.say(event);
    ASSERT_TRUE(becomes(completed, "COMPLETED"));
    ASSERT_TRUE(becomes(failed, "CANCELLED"));
    for (const std::string& order : {completed, failed}) {
        const auto answer = cancel(order);
        EXPECT_EQ(answer.status, 409);
        EXPECT_EQ(member(answer, "code"), "order-not-cancellable");
    }
    EXPECT_NE(member(cancel(failed), "detail").find("PAYMENT_DECLINED"), std::string::npos)
        << cancel(failed).body;
}

}  // namespace
}  // namespace platform::order
