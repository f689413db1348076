#include "services/order/adapters/order_query.hpp"

#include "shared/http/target.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

http::Request with(const std::string& query) {
    http::Request request;
    request.query = http::parse_target("/api/orders?" + query).value().query;
    return request;
}

TEST(OrderQueryTest, ReadsEveryFilter) {
    const auto query = read_list_query(
        with("status=CREATED&sagaState=COMPENSATING&productId=P-1&userId=Zo%C3%AB&from=2026-11-22T10:00:00Z&"
             "to=2026-11-22T11:00:00.5Z&limit=7")
    );
    ASSERT_TRUE(query);
    EXPECT_EQ(query->status, Status::Created);
    EXPECT_EQ(query->saga_state, SagaState::Compensating);
    EXPECT_EQ(query->product_id, "P-1");
    EXPECT_EQ(query->user_id, "Zoë");
    ASSERT_TRUE(query->from && query->to);
    EXPECT_EQ(*query->to - *query->from, 1h + 500ms);
    EXPECT_EQ(query->limit, 7U);
    EXPECT_FALSE(query->after);
    const auto nothing = read_list_query(http::Request{});
    ASSERT_TRUE(nothing);
    EXPECT_EQ(nothing->limit, 50U);
}

TEST(OrderQueryTest, AWrongValueIsNamed) {
    for (const std::string& bad : std::vector<std::string>{
          "status=created",
          "status=",
          "sagaState=PENDING",
          "productId=P%201",
          "productId=",
          "userId=",
          "userId=a%20" + std::string(300, 'b'),
          "userId=" + std::string(65, 'u'),
          "from=yesterday",
          "to=2026-11-22",
          "limit=0",
          "limit=101",
          "limit=-1",
          "limit=+1",
          "limit=1.0",
          "limit=",
          "limit=99999999999999999999",
          "cursor=x",
          "cursor=1.x",
          "cursor=-1." + order_id(1).text(),
          "color=red"
         }) {
        SCOPED_TRACE(bad);
        const auto query = read_list_query(with(bad));
        ASSERT_FALSE(query);
        EXPECT_EQ(query.error().status, 400);
        ASSERT_EQ(query.error().errors.size(), 1U);
        EXPECT_EQ(query.error().errors[0].pointer, "/" + bad.substr(0, bad.find('=')));
    }
    EXPECT_FALSE(read_list_query(with("from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:00Z")));
    EXPECT_FALSE(read_list_query(with("status=COMPLETED&sagaState=CANCELLED")));
}

TEST(OrderQueryTest, ACursorComesBack) {
    const OrderStore::Place place{.created = WallTime{1'763'800'000'123'456us}, .id = order_id(3)};
    EXPECT_EQ(parse_cursor(to_cursor(place)), place);
    const auto query = read_list_query(with("cursor=" + to_cursor(place)));
    ASSERT_TRUE(query);
    EXPECT_EQ(query->after, place);
}

TEST(OrderQueryTest, TheNextPageKeepsTheFilters) {
    const OrderStore::Place first{.created = WallTime{1us}, .id = order_id(1)};
    const OrderStore::Place second{.created = WallTime{2us}, .id = order_id(2)};
    const std::string next =
        next_page(with("userId=a%26b%20%C3%AB&limit=2&cursor=" + to_cursor(first)), second);
    const auto target = http::parse_target(next);
    ASSERT_TRUE(target) << next;
    EXPECT_EQ(target->path, "/api/orders");
    EXPECT_EQ(target->query.at("userId"), "a&b ë");
    EXPECT_EQ(target->query.at("limit"), "2");
    EXPECT_EQ(target->query.at("cursor"), to_cursor(second));
}

TEST(OrderQueryTest, ReadsHowLongToWait) {
    EXPECT_EQ(read_wait(http::Request{}), Duration::zero());
    EXPECT_EQ(read_wait(with("wait=5s")), Duration(5s));
    EXPECT_EQ(read_wait(with("wait=250ms")), Duration(250ms));
    EXPECT_EQ(read_wait(with("wait=0s")), Duration::zero());
    for (const std::string bad : {"wait=", "wait=5", "wait=s", "wait=-1s", "wait=61s", "wait=5m", "wait=1.5s", "x=1"}) {
        EXPECT_FALSE(read_wait(with(bad))) << bad;
    }
}

TEST(OrderQueryTest, NothingToSayIsNothing) {
    EXPECT_FALSE(refuse_query(http::Request{}));
    EXPECT_TRUE(refuse_query(with("a=b")));
}

}  // namespace
}  // namespace platform::order
