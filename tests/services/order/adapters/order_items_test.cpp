#include "services/order/adapters/order_items.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace platform::order {
namespace {

TEST(OrderItemsTest, WhatIsWrittenIsReadBack) {
    const auto items = three_lines().items;
    const auto text = encode_items(items);
    ASSERT_TRUE(text);
    EXPECT_EQ(decode_items(*text), items);
    EXPECT_FALSE(encode_items({}));
}

TEST(OrderItemsTest, AMarkFindsAWholeProduct) {
    const std::string text = encode_items(three_lines().items).value();
    EXPECT_NE(text.find(product_mark("P_2")), std::string::npos);
    for (const char* other : {"P", "P-", "P-33", "_2", "2"}) EXPECT_EQ(text.find(product_mark(other)), std::string::npos) << other;
}

TEST(OrderItemsTest, AnotherTextIsRefused) {
    for (const char* bad : {"", "{}", "[1]", R"([{"productId":"P-1"}])", R"([{"productId":"P-1","quantity":1,"price":"x"}])"}) {
        EXPECT_THROW((void)decode_items(bad), std::runtime_error) << bad;
    }
}

}  // namespace
}  // namespace platform::order
