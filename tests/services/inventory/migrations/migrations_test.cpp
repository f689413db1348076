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
}

}  // namespace
}  // namespace platform::inventory
