#include "services/order/adapters/admin_api.hpp"

#include "tests/services/order/order_platform.hpp"

#include <string>

namespace platform::order {
namespace {

class AdminApiTest : public OrderServiceTest {
protected:
    AdminApiTest() { start(); }
    http::ClientResponse retry(const std::string& order) {
        http::Client client;
        auto request = post("");
        request.url = "http://127.0.0.1:" + std::to_string(service_->runtime().management().port()) +
                      "/api/admin/orders/" + order + "/retry";
        return client.send(request).value();
    }
};

TEST_F(AdminApiTest, AStuckOrderIsAskedForAgainNow) {
    const std::string order = place();
    const OrderId id = OrderId::parse(order).value();
    for (const auto& event : {leg_event(id, 1, paid()), leg_event(id, 2, out_of_stock()), leg_event(id, 3, refund_failed())})
        platform_.say(event);
    ASSERT_TRUE(becomes(order, "NEEDS_ATTENTION"));
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CANCELLED", order).size() == 1; }));
    const auto answer = retry(order);
    EXPECT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(member(answer, "sagaState"), "NEEDS_ATTENTION");
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CANCELLED", order).size() == 2; }));
    const auto asked = platform_.events_of("ORDER_CANCELLED", order);
    EXPECT_NE(asked[0].metadata.event_id, asked[1].metadata.event_id);
    platform_.say(leg_event(id, 4, refunded()));
    ASSERT_TRUE(becomes(order, "CANCELLED"));
    EXPECT_EQ(retry(order).status, 409);
}

TEST_F(AdminApiTest, ItAnswersOnTheManagementPortAlone) {
    const std::string order = place();
    EXPECT_EQ(retry(order_id(7).text()).status, 404);
    EXPECT_EQ(retry("nonsense").status, 404);
    auto request = post("");
    request.url = "/api/admin/orders/" + order + "/retry";
    EXPECT_EQ(service_->send(request).status, 404);
    EXPECT_EQ(retry(order).status, 202);
}

}  // namespace
}  // namespace platform::order
