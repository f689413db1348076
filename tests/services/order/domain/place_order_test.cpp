#include "services/order/domain/place_order.hpp"

#include "tests/services/order/bad_orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace platform::order {
namespace {

TEST(PlaceOrderTest, ReadsTheReferenceOrder) {
    const auto content = read_order(R"({"productId":"P-1001","quantity":1,"price":199.99})", "EUR");
    ASSERT_TRUE(content);
    EXPECT_EQ(content->product_id, "P-1001");
    EXPECT_EQ(content->quantity, 1);
    EXPECT_EQ(content->price.text(), "199.99");
    EXPECT_EQ(content->amount.text(), "199.99");
    EXPECT_EQ(content->currency, "EUR");
    EXPECT_EQ(content->user_id, "");
}

TEST(PlaceOrderTest, ReadsWhatIsOptionalAndTheBounds) {
    const auto content = read_order(
        R"({"currency":"USD","userId":"Zoë","price":"0.0001","quantity":1000000,"productId":"a.b_c-D"})",
        "EUR"
    );
    ASSERT_TRUE(content);
    EXPECT_EQ(content->currency, "USD");
    EXPECT_EQ(content->user_id, "Zoë");
    EXPECT_EQ(content->amount.text(), "100.00");
    EXPECT_TRUE(read_order(R"({"productId":"P","quantity":1,"price":0})", "EUR")) << "something may be free";
    EXPECT_TRUE(read_order(R"({"productId":"P","quantity":1,"price":1e2})", "EUR"));
    const std::string user(64, 'u');
    EXPECT_TRUE(read_order(R"({"productId":"P","quantity":1,"price":1,"userId":")" + user + "\"}", "EUR"));
}

TEST(PlaceOrderTest, ReadsSeveralLines) {
    const auto content = read_order(
        R"({"items":[{"productId":"P-1","quantity":2,"price":1.5},{"price":"0.0001","productId":"P-2","quantity":1}],"userId":"u"})",
        "EUR"
    );
    ASSERT_TRUE(content);
    ASSERT_EQ(content->items.size(), 2U);
    EXPECT_EQ(content->items[1].product_id, "P-2");
    EXPECT_EQ(content->items[1].price.text(), "0.0001");
    EXPECT_EQ(content->product_id, "P-1") << "the first line";
    EXPECT_EQ(content->quantity, 2);
    EXPECT_EQ(content->price.text(), "1.50");
    EXPECT_EQ(content->amount.text(), "3.0001");
    std::string most = line_of("P-0");
    for (int i = 1; i < 20; ++i) most += "," + line_of("P-" + std::to_string(i));
    EXPECT_TRUE(read_order(with_items("[" + most + "]"), "EUR"));
}

TEST(PlaceOrderTest, OneLineIsTheSameOrderInEitherForm) {
    EXPECT_EQ(
        read_order(with_items("[" + line_of("P-1") + "]"), "EUR").value(), read_order(line_of("P-1"), "EUR").value()
    );
}

TEST(PlaceOrderTest, EveryBadBodyIsRefusedWithItsField) {
    for (const BadOrder& bad : bad_orders()) {
        SCOPED_TRACE(bad.name);
        const auto content = read_order(bad.body, "EUR");
        ASSERT_FALSE(content);
        EXPECT_EQ(content.error().kind == Refusal::Kind::Semantic, bad.status == 422);
        EXPECT_TRUE(std::ranges::contains(content.error().faults, bad.pointer, &Fault::pointer))
            << "first fault: " << content.error().faults.front().pointer;
    }
}

TEST(PlaceOrderTest, AllFaultsAreNamedAtOnce) {
    const auto content = read_order(R"({"quantity":0,"price":-1,"color":"red","currency":"euro"})", "EUR");
    ASSERT_FALSE(content);
    std::vector<std::string> pointers;
    for (const Fault& fault : content.error().faults) pointers.push_back(fault.pointer);
    EXPECT_EQ(
        pointers, (std::vector<std::string>{"/productId", "/quantity", "/price", "/currency", "/color"})
    );
}

TEST(PlaceOrderTest, TheAnswerToManyUnknownFieldsIsBounded) {
    std::string body = "{";
    for (int i = 0; i < 1000; ++i) body += "\"field" + std::to_string(i) + "\":1,";
    body += "\"" + std::string(5000, 'x') + "\":1}";
    const auto content = read_order(body, "EUR");
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().faults.size(), kMaxFaults);
}

}  // namespace
}  // namespace platform::order
