#include "shared/outbox/outbox.hpp"
#include "tests/shared/outbox/mysql_database.hpp"
#include "tests/shared/outbox/store_contract.hpp"

#include <gtest/gtest.h>

namespace platform::outbox {
namespace {

const Claim kClaim{.owner = "me", .lease = std::chrono::seconds(60)};

TEST(Insert, BelongsToTheCallersTransaction) {
    MysqlDatabase database;
    {
        auto session = database.pool.acquire().value();
        auto transaction = mysql::Transaction::begin(*session).value();
        ASSERT_TRUE(insert(*session, std::vector{row_named("a")}, kClaim).has_value());
    }
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox"), 0);
}

TEST(Insert, TakesAnyNumberOfRows) {
    MysqlDatabase database;
    std::vector<OutboxRow> rows;
    for (int i = 0; i < 1201; ++i) rows.push_back(row_named(std::to_string(i)));
    database.insert(rows, kClaim);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox WHERE owner = 'me'"), 1201);
    EXPECT_EQ(
        database.number("SELECT COUNT(*) FROM outbox WHERE claimed_until BETWEEN created_at + INTERVAL 59 SECOND"
                        " AND created_at + INTERVAL 61 SECOND"),
        1201
    );
    database.insert({}, kClaim);
}

TEST(Insert, TakesRowsOfManySizes) {
    MysqlDatabase database;
    std::vector<OutboxRow> rows{row_named("small"), row_named("large"), row_named("larger")};
    rows[1].record.value = std::string(3'000'000, '\x01');
    rows[2].record.key = std::string(1'000'000, 'k');
    database.insert(rows, kClaim);
    EXPECT_EQ(database.number("SELECT MAX(LENGTH(payload)) FROM outbox"), 3'000'000);
    EXPECT_EQ(database.number("SELECT MAX(LENGTH(record_key)) FROM outbox"), 1'000'000);
}

TEST(Insert, ABundleIsOneRow) {
    MysqlDatabase database;
    std::vector<OutboxRow> rows;
    for (int i = 0; i < 1201; ++i) rows.push_back(row_named(std::to_string(i)));
    bundle(rows);
    database.insert(rows, kClaim);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox"), 19);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox WHERE topic = ''"), 19);
}

TEST(Insert, TheSameRowTwiceIsAConflict) {
    MysqlDatabase database;
    database.insert({row_named("a")}, kClaim);
    auto session = database.pool.acquire().value();
    EXPECT_EQ(insert(*session, std::vector{row_named("a")}, kClaim).error().kind, ErrorKind::Conflict);
}

}  // namespace
}  // namespace platform::outbox
