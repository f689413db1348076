#include "services/inventory/domain/ledger.hpp"

#include <gtest/gtest.h>

namespace platform::inventory {
namespace {

const OrderId kOne{Uuid::of_name("one")};
const OrderId kTwo{Uuid::of_name("two")};

TEST(Ledger, OrdersOfOneTransactionAreOneRowAProductAndMovement) {
    const std::vector<LedgerEntry> entries{
        {.product_id = "b", .order_id = kOne, .delta = -2, .movement = Movement::Reserved},
        {.product_id = "a", .order_id = kOne, .delta = -1, .movement = Movement::Reserved},
        {.product_id = "b", .order_id = kTwo, .delta = -3, .movement = Movement::Reserved},
        {.product_id = "b", .order_id = kTwo, .delta = 3, .movement = Movement::Released},
    };
    const std::vector<LedgerRow> expected{
        {.product_id = "a", .movement = Movement::Reserved, .delta = -1, .orders = 1, .order_id = kOne},
        {.product_id = "b", .movement = Movement::Reserved, .delta = -5, .orders = 2, .order_id = {}},
        {.product_id = "b", .movement = Movement::Released, .delta = 3, .orders = 1, .order_id = kTwo},
    };
    EXPECT_EQ(ledger_rows(entries), expected);
    EXPECT_TRUE(ledger_rows({}).empty());
}

TEST(Ledger, ChangesByHandStayRowsOfTheirOwn) {
    const std::vector<LedgerEntry> entries{
        {.product_id = "a", .order_id = {}, .delta = 5, .movement = Movement::Adjusted, .reason = "found"},
        {.product_id = "a", .order_id = {}, .delta = 5, .movement = Movement::Adjusted, .reason = "counted"},
    };
    const auto rows = ledger_rows(entries);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].reason, "found");
    EXPECT_EQ(rows[1].reason, "counted");
    EXPECT_EQ(rows[1].orders, 0);
}

TEST(Ledger, EveryMovementHasANameOfItsOwn) {
    EXPECT_EQ(to_string(Movement::Initial), "INITIAL");
    EXPECT_EQ(to_string(Movement::Reserved), "RESERVED");
    EXPECT_EQ(to_string(Movement::Released), "RELEASED");
    EXPECT_EQ(to_string(Movement::Adjusted), "ADJUSTED");
}

}  // namespace
}  // namespace platform::inventory
