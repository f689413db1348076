#include "shared/mysql/session.hpp"

#include "shared/core/time_text.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace platform::mysql {
namespace {

using test::MysqlServer;

std::unique_ptr<Session> connected(const Options& options) {
    auto session = Session::connect(options);
    EXPECT_TRUE(session.has_value()) << (session ? "" : session.error().what);
    return session ? *std::move(session) : nullptr;
}

class SessionTest : public testing::Test {
protected:
    SessionTest() : options(MysqlServer::instance().fresh_database()), session(connected(options)) {}
    ~SessionTest() override = default;

    void run(const std::string& statement) const {
        auto done = session->execute(Sql(statement));
        ASSERT_TRUE(done.has_value()) << statement << ": " << done.error().what;
    }
    [[nodiscard]] std::string read(const std::string& query) const {
        auto rows = session->query(Sql(query));
        EXPECT_TRUE(rows.has_value()) << query << ": " << (rows ? "" : rows.error().what);
        return rows && !rows->empty() && !rows->front().is_null(0) ? rows->front().text(0) : "";
    }

    Options options;
    std::unique_ptr<Session> session;
};

TEST_F(SessionTest, IsSetUpAsPromised) {
    EXPECT_EQ(read("SELECT @@transaction_isolation"), "READ-COMMITTED");
    EXPECT_EQ(read("SELECT @@session.time_zone"), "+00:00");
    EXPECT_EQ(read("SELECT @@character_set_client"), "utf8mb4");
    EXPECT_EQ(read("SELECT @@character_set_results"), "utf8mb4");
    EXPECT_EQ(read("SELECT @@innodb_lock_wait_timeout"), "5");
    EXPECT_EQ(read("SELECT @@autocommit"), "1");
    EXPECT_NE(read("SELECT @@sql_mode").find("STRICT_ALL_TABLES"), std::string::npos);
}

TEST_F(SessionTest, EveryTypeComesBackAsItWasStored) {
    run("CREATE TABLE t (id BINARY(16) PRIMARY KEY, n BIGINT, amount DECIMAL(19,4), at DATETIME(6), name "
        "VARCHAR(64),"
        " payload MEDIUMBLOB, nothing INT NULL)");
    std::string payload;
    for (int byte = 0; byte < 256; ++byte) payload += static_cast<char>(byte);
    const Uuid id = Uuid::of_name("a row");
    const WallTime at = parse_rfc3339("2026-11-22T23:59:59.999999Z").value();
    const Money amount = Money::parse("922337203685477.5807").value();
    const std::string name = "O'Neil \\ \xF0\x9F\x98\x80 ? \"%_\n";
    ASSERT_TRUE(session->execute(
        Sql("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)",
            id,
            INT64_MIN,
            amount,
            at,
            name,
            payload,
            std::optional<int>{})
    ));
    auto rows =
        session->query(Sql("SELECT id, n, amount, at, name, payload, nothing FROM t WHERE name = ?", name));
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    ASSERT_EQ(rows->size(), 1U);
    const Row& row = rows->front();
    EXPECT_EQ(row.uuid(0), id);
    EXPECT_EQ(row.integer(1), INT64_MIN);
    EXPECT_EQ(row.money(2), amount);
    EXPECT_EQ(row.time(3), at);
    EXPECT_EQ(row.text(4), name);
    EXPECT_EQ(row.text(5), payload);
    EXPECT_TRUE(row.is_null(6));
}

TEST_F(SessionTest, LiteralsMeanTheSameInEverySqlMode) {
    run("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
    const std::string value = R"(a\' OR "1"='1 -- )";
    auto rows = session->query(Sql("SELECT ?", value));
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    EXPECT_EQ(rows->front().text(0), value);
}

TEST_F(SessionTest, TextLiteralsUseTheIndexOfATextColumn) {
    run("CREATE TABLE t (name VARCHAR(64) PRIMARY KEY)");
    run("INSERT INTO t VALUES ('a'), ('b'), ('c'), ('d'), ('e')");
    auto rows =
        session->query(Sql("EXPLAIN FORMAT=TRADITIONAL SELECT name FROM t WHERE name = ?", "\xC3\xA9'"));
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    EXPECT_EQ(read("SELECT COUNT(*) FROM t"), "5");
    // For a constant that is not there MySQL answers from the index at once; a binary literal would have
    // scanned ("index").
    EXPECT_TRUE(rows->front().is_null(4) || rows->front().text(4) == "const") << rows->front().text(4);
}

TEST_F(SessionTest, CountsChangedRows) {
    run("CREATE TABLE t (id INT PRIMARY KEY, n INT)");
    EXPECT_EQ(session->execute(Sql("INSERT INTO t VALUES (1, 0), (2, 0), (3, 1)")).value(), 3U);
    EXPECT_EQ(session->execute(Sql("UPDATE t SET n = 1")).value(), 2U);
    EXPECT_EQ(session->execute(Sql("UPDATE t SET n = 2 WHERE id = 9")).value(), 0U);
    EXPECT_EQ(session->execute(Sql("DELETE FROM t WHERE id IN (1, 2)")).value(), 2U);
}

TEST_F(SessionTest, SaysWhichKindAnErrorIs) {
    run("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(3))");
    run("INSERT INTO t VALUES (1, 'a')");
    EXPECT_EQ(session->execute(Sql("INSERT INTO t VALUES (1, 'b')")).error().kind, ErrorKind::Conflict);
    EXPECT_EQ(
        session->execute(Sql("INSERT INTO t VALUES (2, 'too long')")).error().kind, ErrorKind::Internal
    );
    EXPECT_EQ(session->query(Sql("SELECT nothing FROM t")).error().kind, ErrorKind::Internal);
    EXPECT_EQ(session->execute(Sql("INSRT")).error().kind, ErrorKind::Internal);
    EXPECT_TRUE(session->usable()) << "none of these harms the session";

    Options wrong = options;
    wrong.password = "wrong";
    EXPECT_EQ(Session::connect(wrong).error().kind, ErrorKind::Denied);
    const Options reader = MysqlServer::instance().user_of(options, "reader", "SELECT");
    EXPECT_EQ(connected(reader)->execute(Sql("DELETE FROM t")).error().kind, ErrorKind::Denied);
    Options nobody = options;
    nobody.port = test::free_port();
    EXPECT_EQ(Session::connect(nobody).error().kind, ErrorKind::Unavailable);
}

TEST_F(SessionTest, AnErrorInTheMiddleOfAnAnswerIsNoShortAnswer) {
    run("CREATE TABLE t (id INT PRIMARY KEY)");
    run("INSERT INTO t VALUES (1), (2), (3)");
    auto holder = connected(options);
    auto held = Transaction::begin(*holder).value();
    ASSERT_TRUE(holder->query(Sql("SELECT id FROM t WHERE id = 3 FOR UPDATE")));
    run("SET SESSION innodb_lock_wait_timeout = 1");
    auto rows = session->query(Sql("SELECT id FROM t ORDER BY id FOR UPDATE"));
    ASSERT_FALSE(rows.has_value()) << rows->size() << " rows of 3";
    EXPECT_EQ(rows.error().kind, ErrorKind::Unavailable);
}

TEST_F(SessionTest, AKilledConnectionIsUnavailableAndUnusable) {
    const std::string id = read("SELECT CONNECTION_ID()");
    MysqlServer::instance().run("KILL " + id);
    auto answer = session->query(Sql("SELECT 1"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(session->usable());
    EXPECT_EQ(session->execute(Sql("DO 1")).error().kind, ErrorKind::Unavailable);
}

TEST_F(SessionTest, AnAnswerThatDoesNotComeIsATimeout) {
    options.read_timeout = std::chrono::seconds(1);
    auto impatient = connected(options);
    const SystemClock clock;
    const Instant started = clock.now();
    auto answer = impatient->query(Sql("SELECT SLEEP(20)"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
    EXPECT_LT(clock.now() - started, std::chrono::seconds(5));
    EXPECT_FALSE(impatient->usable())
        << "the answer may still come, and would be taken for that of the next query";
}

TEST_F(SessionTest, AHangingServerIsATimeoutWhenConnecting) {
    options.connect_timeout = std::chrono::seconds(1);
    MysqlServer::instance().pause();
    auto late = Session::connect(options);
    MysqlServer::instance().resume();
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().kind, ErrorKind::Timeout) << late.error().what;
}

TEST_F(SessionTest, AfterARestartOfTheServerOnlyANewSessionWorks) {
    run("CREATE TABLE t (id INT PRIMARY KEY)");
    MysqlServer::instance().restart();
    EXPECT_EQ(session->query(Sql("SELECT 1")).error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(session->usable());
    session = connected(options);
    EXPECT_EQ(read("SELECT COUNT(*) FROM t"), "0");
}

TEST_F(SessionTest, WithAWrongAuthorityThereIsNoConnection) {
    options.tls_ca = "/nonexistent/ca.pem";
    auto refused = Session::connect(options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable) << refused.error().what;
}

}  // namespace
}  // namespace platform::mysql
