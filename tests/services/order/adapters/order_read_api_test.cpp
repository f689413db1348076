#include "services/order/adapters/order_read_api.hpp"

#include "tests/services/order/order_platform.hpp"

#include <map>
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
    EXPECT_EQ(same.headers.at("etag"), "\"1\"");
    for (const char* known : {R"(W/"1")", R"("7", "1")", "*"}) EXPECT_EQ(conditional(order, known).status, 304) << known;
    for (const char* known : {R"("7")", R"("7", W/"11")", "1"}) EXPECT_EQ(conditional(order, known).status, 200) << known;
    EXPECT_EQ(conditional(order_id(7).text(), "*").status, 404);
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
        EXPECT_TRUE(next == nullptr || link->second == "<" + target + ">; rel=\"next\"");
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

TEST_F(OrderReadApiTest, TheTimelineSaysWhatTheTopicsSayOnce) {
    const std::string trace(32, 'a');
    const std::string order =
        place({{"X-Correlation-Id", "c-9"}, {"traceparent", "00-" + trace + "-" + std::string(16, 'b') + "-01"}});
    const OrderId id = OrderId::parse(order).value();
    const auto released_event = leg_event(id, 2, released(), WallTime{std::chrono::seconds(4'000'000'000)});
    platform_.say(leg_event(id, 1, declined()));
    platform_.say(released_event);
    platform_.say(released_event);
    std::map<std::string, int> types;
    ASSERT_TRUE(test::wait_until([&] {
        types.clear();
        const auto body = json::parse(service_->get("/api/orders/" + order + "/events").body);
        for (const auto& event : body->find("events")->items()) ++types[event.find("type")->text()];
        return types.size() == 4 && types["INVENTORY_RELEASED"] == 2;
    })) << service_->get("/api/orders/" + order + "/events").body;
    const auto body = json::parse(service_->get("/api/orders/" + order + "/events").body);
    const auto& events = body->find("events")->items();
    ASSERT_EQ(events.size(), 5U);
    const auto& last = events.back();
    EXPECT_EQ(last.find("delivery")->text(), "2");
    EXPECT_EQ(last.find("attempt")->text(), "1");
    EXPECT_TRUE(last.find("compensation")->boolean());
    EXPECT_EQ(last.find("topic")->text(), platform_.topics["inventory"]);
    EXPECT_TRUE(body->find("recorded")->boolean());
    for (const auto& event : events) {
        if (event.find("type")->text() != "ORDER_CREATED") continue;
        EXPECT_EQ(event.find("service")->text(), "order-service");
        EXPECT_EQ(event.find("correlationId")->text(), "c-9");
        ASSERT_NE(event.find("traceId"), nullptr);
        EXPECT_EQ(event.find("traceId")->text(), trace);
        EXPECT_EQ(event.find("topic")->text(), platform_.topics["order"]);
    }
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM order_timeline"), 1);
    EXPECT_EQ(service_->get("/api/orders/" + order_id(7).text() + "/events").status, 404);
    EXPECT_EQ(service_->get("/api/orders/" + order + "/events?color=red").status, 400);
}

TEST_F(OrderReadApiTest, AnOrderOfSeveralProductsIsShownWhole) {
    const auto answer = service_->send(post(
        R"({"items":[{"productId":"P-1","quantity":2,"price":1.5},{"productId":"P-2","quantity":1,"price":"0.25"}],"currency":"USD"})"
    ));
    ASSERT_EQ(answer.status, 202) << answer.body;
    const std::string order = member(answer, "orderId");
    const auto shown = service_->get("/api/orders/" + order);
    EXPECT_EQ(member(shown, "amount"), "3.25");
    EXPECT_EQ(member(shown, "productId"), "P-1");
    const auto body = json::parse(shown.body);
    const auto& items = body->find("items")->items();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[1].find("productId")->text(), "P-2");
    EXPECT_EQ(items[1].find("price")->text(), "0.25");
    EXPECT_EQ(listed("productId=P-2"), std::set{order});
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CREATED", order).size() == 1; }));
    const auto event = platform_.events_of("ORDER_CREATED", order).front();
    EXPECT_EQ(std::get<events::OrderCreated>(event.payload).items.size(), 2U);
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
