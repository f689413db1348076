#include "services/order/migrations/migrations.hpp"

#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

namespace platform::order {
namespace {

TEST(OrderMigrationsTest, RunOnceAndAreThenUpToDate) {
    test::ServiceDatabase database(migrations());
    auto session = database.pool.acquire();
    ASSERT_TRUE(session);
    EXPECT_EQ(mysql::migrate(**session, migrations()), 0);
    EXPECT_TRUE(mysql::verify_schema(**session, migrations()));
}

}  // namespace
}  // namespace platform::order
