#include "services/inventory/adapters/stock_rows.hpp"

#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/service_database.hpp"

#include <array>
#include <gtest/gtest.h>

namespace platform::inventory {
namespace {

class StockRowsTest : public testing::Test {
protected:
    Item stored(const std::string& product) {
        return read_item(
            database_.rows("SELECT " + std::string(kItemColumns) + " FROM inventory_items WHERE product_id = '" + product + "'")
                .front()
        );
    }
    test::ServiceDatabase database_{migrations()};
    mysql::Pool::Lease session_ = database_.pool.acquire().value();
};

TEST_F(StockRowsTest, AProductReadsBackAsItWasStored) {
    const Item full{
        .product_id = "full",
        .available = 9'000'000'000,
        .reserved = 0,
        .name = test::long_text(200),
        .price = Money::parse("922337203685477.5807").value(),
        .currency = "USD",
        .low_mark = 7,
        .revision = 3,
    };
    const Item bare{.product_id = "bare"};
    ASSERT_TRUE(add_item(*session_, full));
    ASSERT_TRUE(add_item(*session_, bare));
    EXPECT_EQ(stored("full"), full);
    EXPECT_EQ(stored("bare"), bare);
    EXPECT_EQ(add_item(*session_, bare).error().kind, ErrorKind::Conflict);
}

TEST_F(StockRowsTest, StockIsLockedAndChangedByWhatWasTaken) {
    ASSERT_TRUE(add_item(*session_, Item{.product_id = "a", .available = 5, .low_mark = 2}));
    ASSERT_TRUE(add_item(*session_, Item{.product_id = "b", .available = 5}));
    auto stocks = lock_stock(*session_, {"a", "b", "nobody"}).value();
    EXPECT_FALSE(stocks.at("nobody").known());
    EXPECT_EQ(stocks.at("a").low_mark(), 2);
    ASSERT_TRUE(stocks.at("a").take(4));
    EXPECT_TRUE(stocks.at("a").low());
    ASSERT_TRUE(save_stock(*session_, stocks));
    EXPECT_EQ(stored("a").available, 1);
    EXPECT_EQ(stored("a").reserved, 4);
    EXPECT_EQ(stored("b"), (Item{.product_id = "b", .available = 5}));
    EXPECT_EQ(save_stock(*session_, stocks).error().kind, ErrorKind::Unavailable) << "there is only one left";
    EXPECT_TRUE(lock_stock(*session_, {}).value().empty());
}

TEST_F(StockRowsTest, TheLedgerSumsUpOrdersAndKeepsReasons) {
    const OrderId one{Uuid::of_name("one")};
    const OrderId two{Uuid::of_name("two")};
    const std::array entries{
        LedgerEntry{.product_id = "a", .order_id = one, .delta = -2, .movement = Movement::Reserved},
        LedgerEntry{.product_id = "a", .order_id = two, .delta = -3, .movement = Movement::Reserved},
        LedgerEntry{.product_id = "a", .order_id = {}, .delta = 9, .movement = Movement::Adjusted, .reason = test::long_text(512)},
    };
    ASSERT_TRUE(save_ledger(*session_, entries));
    ASSERT_TRUE(save_ledger(*session_, {}));
    const auto rows = database_.rows("SELECT movement, delta, orders, order_id, reason FROM stock_movements ORDER BY movement");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text(0), "ADJUSTED");
    EXPECT_EQ(rows[0].text(4), test::long_text(512));
    EXPECT_EQ(rows[1].integer(1), -5);
    EXPECT_EQ(rows[1].integer(2), 2);
    EXPECT_TRUE(rows[1].uuid(3).is_nil());
    EXPECT_TRUE(rows[1].is_null(4));
}

}  // namespace
}  // namespace platform::inventory
