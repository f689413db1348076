#include "services/order/adapters/order_json.hpp"

#include "shared/core/json.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace platform::order {
namespace {

json::Value parsed(const std::string& text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value ? *std::move(value) : json::Value{};
}

std::string header(const http::Response& response, const std::string& name) {
    const auto found = std::ranges::find(response.headers, name, [](const auto& one) { return one.first; });
    return found == response.headers.end() ? "" : found->second;
}

TEST(OrderJsonTest, AcceptedSaysWhereTheOrderIs) {
    const auto response = accepted(order_id(1), SagaState::Created, false);
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(header(response, "Location"), "/api/orders/" + order_id(1).text());
    EXPECT_EQ(header(response, "Idempotency-Replayed"), "");
    const auto body = parsed(response.body);
    EXPECT_EQ(body.find("orderId")->text(), order_id(1).text());
    EXPECT_EQ(body.find("status")->text(), "CREATED");
    EXPECT_EQ(body.find("sagaState")->text(), "CREATED");
    EXPECT_EQ(body.find("links")->find("self")->text(), "/api/orders/" + order_id(1).text());
    EXPECT_EQ(header(accepted(order_id(1), SagaState::Created, true), "Idempotency-Replayed"), "true");
}

TEST(OrderJsonTest, AnOrderIsShownWithExactAmountsAndItsSteps) {
    Order order = new_order(1, content("P-1", 3, 1'999'900));
    const auto response = shown(order);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "ETag"), "\"1\"");
    const auto body = parsed(response.body);
    EXPECT_TRUE(body.find("price")->is(json::Value::Kind::Number));
    EXPECT_EQ(body.find("price")->text(), "199.99");
    EXPECT_EQ(body.find("amount")->text(), "599.97");
    EXPECT_EQ(body.find("quantity")->text(), "3");
    ASSERT_EQ(body.find("steps")->items().size(), 1U);
    EXPECT_EQ(body.find("steps")->items()[0].find("step")->text(), "ORDER_CREATED");
    EXPECT_EQ(body.find("steps")->items()[0].find("at")->text(), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(body.find("failureCode"), nullptr);
    EXPECT_NE(body.find("links")->find("cancel"), nullptr);
}

TEST(OrderJsonTest, ACancelledOrderSaysWhyAndCannotBeCancelledAgain) {
    Order order = new_order(1);
    order.saga.failure = Failure{.code = events::FailureCode::OutOfStock, .reason = "0 \"left\""};
    const auto body = parsed(shown(order).body);
    EXPECT_EQ(body.find("failureCode")->text(), "OUT_OF_STOCK");
    EXPECT_EQ(body.find("failureReason")->text(), "0 \"left\"");
    EXPECT_EQ(body.find("sagaState")->text(), "COMPENSATING");
    EXPECT_EQ(body.find("status")->text(), "CREATED");
    EXPECT_EQ(body.find("links")->find("cancel"), nullptr);
}

TEST(OrderJsonTest, APageLinksTheNextOne) {
    const std::vector<Order> orders{new_order(1), new_order(2)};
    const auto response = listed(orders, "/api/orders?cursor=1");
    const auto full = parsed(response.body);
    EXPECT_EQ(full.find("orders")->items().size(), 2U);
    EXPECT_EQ(full.find("links")->find("next")->text(), "/api/orders?cursor=1");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "</api/orders?cursor=1>; rel=\"next\"");
    EXPECT_EQ(parsed(listed(orders, "").body).find("links")->find("next"), nullptr);
    EXPECT_TRUE(listed(orders, "").headers.empty());
}

TEST(OrderJsonTest, ARefusalNamesItsFields) {
    const auto malformed =
        to_problem(Refusal{.kind = Refusal::Kind::Malformed, .faults = {{"/quantity", "is required"}}});
    EXPECT_EQ(malformed.status, 400);
    ASSERT_EQ(malformed.errors.size(), 1U);
    EXPECT_EQ(malformed.errors[0].pointer, "/quantity");
    EXPECT_EQ(to_problem(Refusal{.kind = Refusal::Kind::Semantic, .faults = {{"/price", "x"}}}).status, 422);
}

}  // namespace
}  // namespace platform::order
