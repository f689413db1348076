#include "shared/mysql/session.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace platform::mysql {
namespace {

using test::MysqlServer;

class TransactionTest : public testing::Test {
protected:
    TransactionTest()
        : options(MysqlServer::instance().fresh_database()), first(connect()), second(connect()) {
        run(*first, "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)");
        run(*first, "INSERT INTO t VALUES (1, 0), (2, 0)");
    }

    [[nodiscard]] std::unique_ptr<Session> connect() const {
        auto session = Session::connect(options);
        if (!session) throw std::runtime_error(session.error().what);
        return *std::move(session);
    }
    static void run(Session& session, const std::string& statement) {
        auto done = session.execute(Sql(statement));
        ASSERT_TRUE(done.has_value()) << statement << ": " << done.error().what;
    }
    [[nodiscard]] std::string value_of(int id) const {
        auto rows = connect()->query(Sql("SELECT n FROM t WHERE id = ?", id));
        EXPECT_TRUE(rows.has_value());
        return rows && rows->size() == 1 ? rows->front().text(0) : "none";
    }
    [[nodiscard]] static std::int64_t connection_id(Session& session) {
        return session.query(Sql("SELECT CONNECTION_ID()")).value().front().integer(0);
    }

    Options options;
    std::unique_ptr<Session> first;
    std::unique_ptr<Session> second;
};

TEST_F(TransactionTest, IsSeenByOthersOnceCommitted) {
    auto transaction = Transaction::begin(*first).value();
    run(*first, "UPDATE t SET n = 7 WHERE id = 1");
    EXPECT_EQ(value_of(1), "0");
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(value_of(1), "7");
}

TEST_F(TransactionTest, IsUndoneUnlessCommitted) {
    {
        auto transaction = Transaction::begin(*first).value();
        run(*first, "UPDATE t SET n = 7 WHERE id = 1");
    }
    EXPECT_EQ(value_of(1), "0");
    run(*first, "UPDATE t SET n = 8 WHERE id = 1");
    EXPECT_EQ(value_of(1), "8") << "the session is good for more";
}

TEST_F(TransactionTest, ADuplicateKeyLeavesTheTransactionOpen) {
    auto transaction = Transaction::begin(*first).value();
    run(*first, "INSERT INTO t VALUES (3, 3)");
    EXPECT_EQ(first->execute(Sql("INSERT INTO t VALUES (1, 1)")).error().kind, ErrorKind::Conflict);
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(value_of(3), "3");
}

TEST_F(TransactionTest, ALockWaitDoomsTheWholeTransaction) {
    auto holder = Transaction::begin(*second).value();
    run(*second, "UPDATE t SET n = 1 WHERE id = 2");
    run(*first, "SET SESSION innodb_lock_wait_timeout = 1");
    {
        auto transaction = Transaction::begin(*first).value();
        run(*first, "UPDATE t SET n = 7 WHERE id = 1");
        EXPECT_EQ(
            first->execute(Sql("UPDATE t SET n = 7 WHERE id = 2")).error().kind, ErrorKind::Unavailable
        );
        EXPECT_EQ(first->execute(Sql("UPDATE t SET n = 9 WHERE id = 1")).error().kind, ErrorKind::Unavailable)
            << "MySQL alone would go on with half of the transaction";
        auto committed = transaction.commit();
        ASSERT_FALSE(committed.has_value());
        EXPECT_FALSE(committed.error().outcome_unknown);
    }
    EXPECT_EQ(value_of(1), "0");
    EXPECT_TRUE(first->usable());
}

TEST_F(TransactionTest, ADeadlockDoomsOneOfTwo) {
    auto mine = Transaction::begin(*first).value();
    auto other = Transaction::begin(*second).value();
    run(*first, "UPDATE t SET n = 1 WHERE id = 1");
    run(*second, "UPDATE t SET n = 2 WHERE id = 2");
    auto crossing = std::async(std::launch::async, [&] {
        auto done = second->execute(Sql("UPDATE t SET n = 2 WHERE id = 1"));
        return done ? other.commit() : Result<void>(fail(done.error()));
    });
    auto done = first->execute(Sql("UPDATE t SET n = 1 WHERE id = 2"));
    const Result<void> result = done ? mine.commit() : Result<void>(fail(done.error()));
    const Result<void> crossed = crossing.get();
    ASSERT_NE(result.has_value(), crossed.has_value()) << "one of them is the victim";
    EXPECT_EQ((result ? crossed : result).error().kind, ErrorKind::Unavailable);
    const std::string winner = result ? "1" : "2";
    EXPECT_EQ(value_of(1), winner);
    EXPECT_EQ(value_of(2), winner);
    Session& victim = result ? *second : *first;
    EXPECT_EQ(victim.execute(Sql("UPDATE t SET n = 9 WHERE id = 1")).error().kind, ErrorKind::Unavailable)
        << "outside of its transaction this would be one of its own";
}

TEST_F(TransactionTest, ACommitOnALostConnectionHasAnUnknownOutcome) {
    auto transaction = Transaction::begin(*first).value();
    run(*first, "UPDATE t SET n = 7 WHERE id = 1");
    MysqlServer::instance().run("KILL " + std::to_string(connection_id(*first)));
    auto committed = transaction.commit();
    ASSERT_FALSE(committed.has_value());
    EXPECT_TRUE(committed.error().outcome_unknown);
    EXPECT_EQ(committed.error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(first->usable());
    EXPECT_EQ(value_of(1), "0") << "this one did not commit";
}

TEST_F(TransactionTest, ACommitWhoseAnswerDoesNotComeHasAnUnknownOutcome) {
    options.read_timeout = std::chrono::seconds(1);
    auto impatient = connect();
    auto transaction = Transaction::begin(*impatient).value();
    run(*impatient, "UPDATE t SET n = 7 WHERE id = 1");
    MysqlServer::instance().pause();
    auto committed = transaction.commit();
    MysqlServer::instance().resume();
    ASSERT_FALSE(committed.has_value());
    EXPECT_EQ(committed.error().kind, ErrorKind::Timeout);
    EXPECT_TRUE(committed.error().outcome_unknown);
    EXPECT_TRUE(test::wait_until([&] { return value_of(1) == "7"; })) << "this one did commit";
}

TEST_F(TransactionTest, WhatWasCommittedSurvivesAKill) {
    auto transaction = Transaction::begin(*first).value();
    run(*first, "UPDATE t SET n = 7 WHERE id = 1");
    ASSERT_TRUE(transaction.commit().has_value());
    auto open = Transaction::begin(*second).value();
    run(*second, "UPDATE t SET n = 7 WHERE id = 2");
    MysqlServer::instance().kill();
    MysqlServer::instance().start();
    EXPECT_EQ(value_of(1), "7");
    EXPECT_EQ(value_of(2), "0");
}

}  // namespace
}  // namespace platform::mysql
