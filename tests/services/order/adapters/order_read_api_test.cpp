#include "services/order/adapters/order_read_api.hpp"

#include "tests/services/order/order_platform.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class OrderReadApiTest : public OrderServiceTest {
protected:
    OrderReadApiTest() { start(); }
    http::ClientResponse conditional(const std::string& order, const std::string& etag) {
        http::ClientRequest request;
        request.url = "/api/orders/" + order;
        request.headers = {{"If-None-Match", etag}};
        return service_->send(std::move(request));
    }
    std::set<std::string> listed(const std::string& query) {
        std::set<std::string> found;
        const auto answer = service_->get("/api/orders?" + query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto body = json::parse(answer.body);
        if (!body) return found;
        for (const auto& order : body->find("orders")->items()) found.insert(order.find("orderId")->text());
        return found;
    }
    void complete(const std::string& order) {
        const OrderId id = OrderId::parse(order).value();
        platform_.say(leg_event(id, ++said_, paid()));
        platform_.say(leg_event(id, ++said_, reserved()));
    }
    int said_ = 0;
};

TEST_F(OrderReadApiTest, ReadsAreExactAndConditional) {
    EXPECT_EQ(service_->get("/api/orders/" + order_id(7).text()).status, 404);
    EXPECT_EQ(service_->get("/api/orders/nonsense").status, 404);
    const std::string order = place();
    const auto same = conditional(order, "\"1\"");
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(conditional(order, "\"7\"").status, 200);
    EXPECT_EQ(service_->get("/api/orders/" + order + "?color=red").status, 400);
}

TEST_F(OrderReadApiTest, TheListGoesPageByPage) {
    std::set<std::string> placed;
    for (int i = 0; i < 5; ++i) placed.insert(place());
    std::set<std::string> seen;
    std::string target = "/api/orders?limit=2&productId=P-1001";
    int pages = 0;
    while (!target.empty()) {
        ASSERT_LT(++pages, 5);
        const auto page = service_->get(target);
        ASSERT_EQ(page.status, 200) << page.body;
        const auto body = json::parse(page.body);
        ASSERT_TRUE(body);
        for (const auto& order : body->find("orders")->items()) {
            EXPECT_TRUE(seen.insert(order.find("orderId")->text()).second) << "listed twice";
        }
        const auto* next = body->find("links")->find("next");
        const auto link = page.headers.find("link");
        ASSERT_EQ(next == nullptr, link == page.headers.end());
        target = next == nullptr ? "" : next->text();
        if (next != nullptr) EXPECT_EQ(link->second, "<" + target + ">; rel=\"next\"");
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen, placed);
    for (const std::string bad : {"limit=0", "limit=101", "cursor=x", "status=OPEN", "color=red"}) {
        const auto answer = service_->get("/api/orders?" + bad);
        EXPECT_EQ(answer.status, 400) << bad;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    }
}

TEST_F(OrderReadApiTest, TheListIsFiltered) {
    const std::string done = place();
    const std::string open = place();
    const auto other = service_->send(post(R"({"productId":"P-2","quantity":1,"price":1,"userId":"Zoë"})"));
    complete(done);
    ASSERT_TRUE(becomes(done, "COMPLETED"));
    EXPECT_EQ(listed("status=COMPLETED"), std::set{done});
    EXPECT_EQ(listed("status=CREATED&productId=P-1001"), std::set{open});
    EXPECT_EQ(listed("sagaState=CREATED"), (std::set{open, member(other, "orderId")}));
    EXPECT_EQ(listed("userId=Zo%C3%AB"), std::set{member(other, "orderId")});
    EXPECT_EQ(listed("productId=P-2"), std::set{member(other, "orderId")});
    EXPECT_EQ(listed("sagaState=NEEDS_ATTENTION"), std::set<std::string>{});
    EXPECT_EQ(listed("from=2020-01-01T00:00:00Z").size(), 3U);
    EXPECT_EQ(listed("to=2020-01-01T00:00:00Z").size(), 0U);
}

TEST_F(OrderReadApiTest, AWaitEndsWithTheOrder) {
    const std::string first = place();
    complete(first);
    ASSERT_TRUE(becomes(first, "COMPLETED")) << "the service reads its topics";
    const std::string order = place();
    http::ClientResponse answer;
    {
        const std::jthread client([&] {
            http::Client http;
            http::ClientRequest request;
            request.url = service_->url("/api/orders/" + order + "?wait=20s");
            if (auto got = http.send(request)) answer = *std::move(got);
        });
        complete(order);
    }
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(member(answer, "sagaState"), "COMPLETED") << "answered before the end, or not at all";
    EXPECT_EQ(member(service_->get("/api/orders/" + order + "?wait=1s"), "status"), "COMPLETED");
}

TEST_F(OrderReadApiTest, AWaitForNothingEndsInTimeAndWrongOnesAreRefused) {
    const std::string order = place();
    const auto answer = service_->get("/api/orders/" + order + "?wait=50ms");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(member(answer, "status"), "CREATED");
    http::ClientRequest request;
    request.url = "/api/orders/" + order + "?wait=50ms";
    request.headers = {{"If-None-Match", answer.headers.at("etag")}};
    EXPECT_EQ(service_->send(std::move(request)).status, 304);
    EXPECT_EQ(service_->get("/api/orders/" + order_id(7).text() + "?wait=5s").status, 404);
    for (const std::string bad : {"5", "-1s", "1h", "61s", ""}) {
        EXPECT_EQ(service_->get("/api/orders/" + order + "?wait=" + bad).status, 400) << bad;
    }
}

}  // namespace
}  // namespace platform::order
