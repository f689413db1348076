#include "services/notification/migrations/migrations.hpp"

#include "tests/services/schema_checks.hpp"

namespace platform::notification {
namespace {

TEST(NotificationMigrations, RunOnceAndCanBeRunAgain) {
    test::expect_repeatable(migrations());
}

TEST(NotificationMigrations, DueAndOrdersAreFoundByIndexes) {
    test::expect_indexed(
        migrations(),
        "SELECT kind FROM notifications WHERE next_attempt_at <= NOW(6) ORDER BY next_attempt_at LIMIT 10",
        "due"
    );
    test::expect_indexed(
        migrations(), "SELECT kind FROM notifications WHERE order_id = UNHEX('00')", "PRIMARY"
    );
}

}  // namespace
}  // namespace platform::notification
