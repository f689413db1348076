#include "services/inventory/migrations/migrations.hpp"

#include "tests/services/schema_checks.hpp"

namespace platform::inventory {
namespace {

TEST(InventoryMigrations, RunOnceAndCanBeRunAgain) {
    test::expect_repeatable(migrations());
}

TEST(InventoryMigrations, ProductsAndReservationsAreFoundByTheirKeys) {
    test::expect_indexed(
        migrations(),
        "SELECT available FROM inventory_items WHERE product_id > 'P' ORDER BY product_id LIMIT 10",
        "PRIMARY"
    );
    test::expect_indexed(
        migrations(), "SELECT state FROM reservations WHERE order_id IN (UNHEX('00'), UNHEX('01'))", "PRIMARY"
    );
    test::expect_indexed(
        migrations(),
        "SELECT id FROM stock_movements WHERE product_id = 'P' AND id < 9 ORDER BY id DESC LIMIT 10",
        "by_product"
    );
    test::expect_indexed(
        migrations(), "SELECT quantity FROM reservation_lines WHERE order_id IN (UNHEX('00'))", "PRIMARY"
    );
}

}  // namespace
}  // namespace platform::inventory
