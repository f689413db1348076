#include "shared/mysql/migrations.hpp"

#include "tests/backends/mysql_server.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace platform::mysql {
namespace {

using test::MysqlServer;

constexpr std::string_view kTableA = "CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)";
constexpr std::string_view kTableB = "CREATE TABLE IF NOT EXISTS b (id INT PRIMARY KEY)";
constexpr std::string_view kRowOfA = "INSERT IGNORE INTO a VALUES (1)";

class MigrationsTest : public testing::Test {
protected:
    MigrationsTest() : options(MysqlServer::instance().fresh_database()), session(connect()) {}

    [[nodiscard]] std::unique_ptr<Session> connect() const {
        auto made = Session::connect(options);
        if (!made) throw std::runtime_error(made.error().what);
        return *std::move(made);
    }
    [[nodiscard]] std::int64_t number(const std::string& query) const {
        return session->query(Sql(query)).value().front().integer(0);
    }

    Options options;
    std::unique_ptr<Session> session;
    std::vector<Migration> one{{.version = 1, .name = "tables", .statements = {kTableA, kRowOfA}}};
    std::vector<Migration> two{one.front(), {.version = 2, .name = "more", .statements = {kTableB}}};
};

TEST_F(MigrationsTest, BringTheSchemaUpOnce) {
    EXPECT_EQ(migrate(*session, one).value(), 2);
    EXPECT_EQ(migrate(*session, one).value(), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM a"), 1);
    EXPECT_TRUE(verify_schema(*session, one).has_value());
}

TEST_F(MigrationsTest, RunOnlyWhatIsNew) {
    ASSERT_TRUE(migrate(*session, one).has_value());
    EXPECT_EQ(verify_schema(*session, two).error().kind, ErrorKind::Invalid)
        << "older than the program needs";
    EXPECT_EQ(migrate(*session, two).value(), 1);
    EXPECT_TRUE(verify_schema(*session, two).has_value());
    EXPECT_EQ(number("SELECT COUNT(*) FROM schema_history"), 3);
}

TEST_F(MigrationsTest, RefuseADatabaseOfANewerProgram) {
    ASSERT_TRUE(migrate(*session, two).has_value());
    EXPECT_EQ(migrate(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(verify_schema(*session, one).error().kind, ErrorKind::Invalid);
}

TEST_F(MigrationsTest, AnOlderProgramWorksWithASchemaThatSaysSo) {
    two.back().works_from = 1;
    ASSERT_TRUE(migrate(*session, two).has_value());
    EXPECT_EQ(migrate(*session, one).value(), 0) << "it starts and leaves the schema alone";
    EXPECT_TRUE(verify_schema(*session, one).has_value());

    auto three = two;
    three.push_back({.version = 3, .name = "most", .statements = {kRowOfA}, .works_from = 2});
    ASSERT_TRUE(migrate(*session, three).has_value());
    EXPECT_TRUE(verify_schema(*session, two).has_value());
    const auto refused = migrate(*session, one);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
    EXPECT_NE(refused.error().what.find("works from version 2"), std::string::npos) << refused.error().what;
}

TEST_F(MigrationsTest, AHistoryOfAProgramThatDidNotSayItIsNotGoneBackFrom) {
    two.back().works_from = 1;
    ASSERT_TRUE(migrate(*session, two).has_value());
    ASSERT_TRUE(session->execute(Sql("ALTER TABLE schema_history DROP COLUMN works_from")).has_value());
    EXPECT_EQ(verify_schema(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(verify_schema(*session, two).has_value());
    EXPECT_EQ(migrate(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(migrate(*session, two).value(), 0);
}

TEST_F(MigrationsTest, RefuseAChangedStatement) {
    ASSERT_TRUE(migrate(*session, one).has_value());
    one.front().statements[1] = "INSERT IGNORE INTO a VALUES (2)";
    EXPECT_EQ(migrate(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(verify_schema(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(number("SELECT COUNT(*) FROM a WHERE id = 2"), 0);
}

TEST_F(MigrationsTest, AnEmptyDatabaseIsNotTheSchema) {
    EXPECT_EQ(verify_schema(*session, one).error().kind, ErrorKind::Invalid);
}

TEST_F(MigrationsTest, ACrashBetweenAStatementAndItsRecordRepeatsTheStatement) {
    ASSERT_TRUE(migrate(*session, one).has_value());
    ASSERT_TRUE(session->execute(Sql("DELETE FROM schema_history WHERE statement = 2")).has_value());
    EXPECT_EQ(verify_schema(*session, one).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(migrate(*session, one).value(), 1);
    EXPECT_EQ(number("SELECT COUNT(*) FROM a"), 1);
}

TEST_F(MigrationsTest, AColumnIsAddedOnceWhateverTheHistorySays) {
    two.back().statements = {"ALTER TABLE a\n  ADD COLUMN note VARCHAR(8) NULL", "ALTER TABLE a ADD COLUMN more INT NULL"};
    EXPECT_EQ(migrate(*session, two).value(), 4);
    ASSERT_TRUE(session->execute(Sql("INSERT INTO a (id, note, more) VALUES (2, 'n', 1)")).has_value());
    ASSERT_TRUE(session->execute(Sql("DELETE FROM schema_history WHERE version = 2")).has_value());
    EXPECT_EQ(migrate(*session, two).value(), 2) << "recorded again";
    EXPECT_EQ(number("SELECT COUNT(*) FROM a WHERE note = 'n'"), 1);
}

TEST_F(MigrationsTest, AnAddedColumnOrIndexThatIsThereCountsAsAdded) {
    const std::vector<Migration> grown{
        {.version = 1,
         .name = "table, column, index",
         .statements = {kTableA, "ALTER TABLE a ADD COLUMN more INT NULL", "ALTER TABLE a ADD INDEX by_more (more)"}}
    };
    ASSERT_EQ(migrate(*session, grown).value(), 3);
    ASSERT_TRUE(session->execute(Sql("DELETE FROM schema_history WHERE statement > 1")).has_value());
    EXPECT_EQ(migrate(*session, grown).value(), 2);
    EXPECT_TRUE(verify_schema(*session, grown).has_value());

    const std::vector<Migration> duplicate{
        {.version = 1,
         .name = "table, column, index",
         .statements = {kTableA, grown[0].statements[1], grown[0].statements[2], "INSERT INTO a (id) VALUES (1), (1)"}}
    };
    EXPECT_EQ(migrate(*session, duplicate).error().kind, ErrorKind::Conflict) << "only of ALTER TABLE";
}

TEST_F(MigrationsTest, AFailedStatementIsNamedAndTriedAgain) {
    one.front().statements.emplace_back("INSERT INTO missing VALUES (1)");
    auto failed = migrate(*session, one);
    ASSERT_FALSE(failed.has_value());
    EXPECT_NE(failed.error().what.find("version 1, statement 3"), std::string::npos) << failed.error().what;
    ASSERT_TRUE(session->execute(Sql("CREATE TABLE missing (id INT)")).has_value());
    EXPECT_EQ(migrate(*session, one).value(), 1);
}

TEST_F(MigrationsTest, OfTwoMigratorsOneDoesTheWork) {
    // Not repeatable on purpose: run twice, it would make two rows.
    const std::vector<Migration> counting{
        {.version = 1,
         .name = "counting",
         .statements =
             {"CREATE TABLE IF NOT EXISTS runs (n INT)",
              "INSERT INTO runs SELECT 1 FROM (SELECT SLEEP(0.2)) AS s"}}
    };
    auto other = connect();
    auto racing = std::async(std::launch::async, [&] { return migrate(*other, counting); });
    auto mine = migrate(*session, counting);
    auto theirs = racing.get();
    ASSERT_TRUE(mine.has_value()) << mine.error().what;
    ASSERT_TRUE(theirs.has_value()) << theirs.error().what;
    EXPECT_EQ(*mine + *theirs, 2);
    EXPECT_EQ(number("SELECT COUNT(*) FROM runs"), 1);
}

TEST_F(MigrationsTest, AServiceWithoutRightsToDdlCanVerify) {
    ASSERT_TRUE(migrate(*session, one).has_value());
    const Options service = MysqlServer::instance().user_of(options, "dml", "SELECT, INSERT, UPDATE, DELETE");
    auto limited = Session::connect(service).value();
    EXPECT_TRUE(verify_schema(*limited, one).has_value());
    EXPECT_EQ(migrate(*limited, two).error().kind, ErrorKind::Denied);
}

}  // namespace
}  // namespace platform::mysql
