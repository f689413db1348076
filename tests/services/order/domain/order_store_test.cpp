#include "services/order/domain/order_store.hpp"

#include "tests/services/order/fake_order_store.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <array>

namespace platform::order {
namespace {

using Query = OrderStore::Query;
using std::chrono::seconds;

Order created_at(int number, int second) {
    Order order = new_order(number);
    order.times.created = WallTime{seconds(second)};
    return order;
}

TEST(OrderStoreTest, EveryConditionOfAQueryHasToHold) {
    const Order order = created_at(1, 10);
    const WallTime ten{seconds(10)};
    EXPECT_TRUE(matches(order, Query{}));
    EXPECT_TRUE(matches(order, {.status = Status::Created, .saga_state = SagaState::Created}));
    EXPECT_FALSE(matches(order, {.status = Status::Completed}));
    EXPECT_FALSE(matches(order, {.status = Status::Created, .saga_state = SagaState::Compensating}));
    EXPECT_TRUE(matches(order, {.user_id = "user-1", .product_id = "P-1001"}));
    EXPECT_FALSE(matches(order, {.user_id = "user-2"}));
    EXPECT_FALSE(matches(order, {.product_id = "P-1002"}));
    EXPECT_TRUE(matches(order, {.from = ten})) << "from is included";
    EXPECT_FALSE(matches(order, {.to = ten})) << "to is not";
    EXPECT_TRUE(matches(order, {.to = ten + seconds(1)}));
}

TEST(OrderStoreTest, OrdersOfOneMomentHaveAnOrderOfTheirOwn) {
    const Order older = created_at(1, 10);
    const Order newer = created_at(2, 11);
    EXPECT_TRUE(matches(older, {.after = place_of(newer)}));
    EXPECT_FALSE(matches(newer, {.after = place_of(older)}));
    EXPECT_FALSE(matches(older, {.after = place_of(older)}));
    const Order twin = created_at(3, 10);
    EXPECT_NE(matches(twin, {.after = place_of(older)}), matches(older, {.after = place_of(twin)}));
}

TEST(OrderStoreTest, FindAllGivesThoseThatExist) {
    FakeOrderStore store;
    for (const int number : {1, 2}) store.orders.emplace(order_id(number), new_order(number));
    const std::array ids{order_id(2), order_id(3)};
    const auto found = store.find_all(ids);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->begin()->first, order_id(2));
    store.unreadable = true;
    EXPECT_FALSE(store.find_all(ids));
}

}  // namespace
}  // namespace platform::order
