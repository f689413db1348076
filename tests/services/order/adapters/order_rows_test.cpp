#include "services/order/adapters/order_rows.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace platform::order {
namespace {

TEST(OrderRowsTest, OneStatementHoldsAllRows) {
    const Order first = new_order(1);
    const Order second = new_order(2);
    const std::array orders{&first, &second};
    const std::array announced{
        Announced{.order = &first, .outbox_row = first.id.uuid}, Announced{.order = &second, .outbox_row = first.id.uuid}
    };
    const std::string text = insert_orders(announced, std::chrono::seconds(30)).text();
    for (const Order* order : orders) EXPECT_NE(text.find(order->correlation_id), std::string::npos);
    EXPECT_EQ(text.find("INSERT"), text.rfind("INSERT"));
    EXPECT_NE(text.find("INTERVAL 30000000 MICROSECOND"), std::string::npos);
    EXPECT_EQ(text.find("DUPLICATE"), std::string::npos) << "a new order never replaces another one";
}

TEST(OrderRowsTest, TheColumnsAreAsManyAsSaid) {
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(order_columns(), ',')) + 1, kOrderColumns);
}

TEST(OrderRowsTest, AnUnknownWordInARowIsRefused) {
    std::vector<std::optional<std::string>> cells(kOrderColumns, "0");
    cells[0] = std::string(order_id(1).uuid.raw());
    cells[8] = "PAID";
    EXPECT_THROW((void)read_order_row(mysql::Row(cells)), std::runtime_error);
}

TEST(OrderRowsTest, IdsStandInOneList) {
    const std::array ids{order_id(1), order_id(2)};
    const std::string text = with_ids("SELECT 1 FROM orders WHERE id IN", ids, " FOR UPDATE").text();
    EXPECT_TRUE(text.starts_with("SELECT 1 FROM orders WHERE id IN ("));
    EXPECT_TRUE(text.ends_with(") FOR UPDATE"));
    EXPECT_EQ(std::ranges::count(text, ','), 1);
}

}  // namespace
}  // namespace platform::order
