#include "services/payment/migrations/migrations.hpp"

#include "tests/services/schema_checks.hpp"

namespace platform::payment {
namespace {

TEST(PaymentMigrations, RunOnceAndCanBeRunAgain) {
    test::expect_repeatable(migrations());
}

TEST(PaymentMigrations, DueAndPaidForAreFoundByIndexes) {
    test::expect_indexed(
        migrations(),
        "SELECT state FROM payments WHERE next_attempt_at <= NOW(6) ORDER BY next_attempt_at LIMIT 10",
        "due"
    );
    test::expect_indexed(migrations(), "SELECT state FROM payments WHERE order_id = UNHEX('00')", "PRIMARY");
    test::expect_indexed(migrations(), "SELECT state FROM payments WHERE payment_id = UNHEX('00')", "by_payment_id");
}

}  // namespace
}  // namespace platform::payment
