#include "shared/outbox/mysql_outbox_store.hpp"

#include "tests/shared/outbox/mysql_database.hpp"
#include "tests/shared/outbox/store_contract.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

namespace platform::outbox {
namespace {

class MysqlDriver {
public:
    OutboxStore& store() { return *store_; }
    void insert(const std::vector<OutboxRow>& rows, const Claim& claim) { database_.insert(rows, claim); }
    void pass(Duration time) { database_.pass(time); }

private:
    MysqlDatabase database_;
    std::unique_ptr<OutboxStore> store_ = make_mysql_outbox_store(database_.pool);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mysql, OutboxStoreContract, MysqlDriver);

class MysqlOutboxStoreTest : public testing::Test {
protected:
    void insert(int count) {
        std::vector<OutboxRow> rows;
        for (int i = 0; i < count; ++i) rows.push_back(row_named(std::to_string(i)));
        database.insert(rows, {.owner = "gone", .lease = std::chrono::seconds(60)});
    }

    MysqlDatabase database;
    std::unique_ptr<OutboxStore> store = make_mysql_outbox_store(database.pool);
};

TEST_F(MysqlOutboxStoreTest, TwoSweepersTakeDifferentRows) {
    constexpr int kRows = 500;
    insert(kRows);
    database.pass(std::chrono::minutes(2));
    std::mutex mutex;
    std::vector<Uuid> taken;  // guarded by mutex
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> sweepers;
        for (const char* owner : {"first", "second", "third"}) {
            sweepers.emplace_back([&, owner] {
                while (true) {
                    auto rows = store->claim_expired(20, {.owner = owner, .lease = std::chrono::seconds(60)});
                    if (!rows) {
                        ++failures;
                        return;
                    }
                    if (rows->empty()) return;
                    const std::scoped_lock guard(mutex);
                    for (const OutboxRow& row : *rows) taken.push_back(row.id);
                }
            });
        }
    }
    EXPECT_EQ(failures, 0) << "no deadlock, no lock wait";
    EXPECT_EQ(taken.size(), kRows);
    std::ranges::sort(taken);
    EXPECT_EQ(std::ranges::adjacent_find(taken), taken.end()) << "a row was taken twice";
}

TEST_F(MysqlOutboxStoreTest, RowsOfAnOpenTransactionAreLeftAlone) {
    insert(3);
    database.pass(std::chrono::minutes(2));
    auto session = database.pool.acquire().value();
    auto transaction = mysql::Transaction::begin(*session).value();
    ASSERT_TRUE(session->query(mysql::Sql("SELECT id FROM outbox WHERE id = ? FOR UPDATE", Uuid::of_name("1"))));
    auto rows = store->claim_expired(10, {.owner = "me", .lease = std::chrono::seconds(60)});
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    EXPECT_EQ(values_of(*rows), (std::set<std::string>{"value of 0", "value of 2"}));
}

TEST_F(MysqlOutboxStoreTest, ASweepReadsTheIndexAndNotTheTable) {
    insert(1000);
    auto session = database.pool.acquire().value();
    auto plan = session->query(mysql::Sql("EXPLAIN FORMAT=TRADITIONAL ").add(select_expired(10).text()));
    ASSERT_TRUE(plan.has_value()) << plan.error().what;
    EXPECT_EQ(plan->front().text(6), "sweeper");
    EXPECT_EQ(plan->front().text(4), "range");
    EXPECT_EQ(plan->front().text(11).find("filesort"), std::string::npos) << "a sort would lock all rows";
}

TEST_F(MysqlOutboxStoreTest, DamagedHeadersDoNotStopTheOthers) {
    insert(2);
    database.execute(mysql::Sql("UPDATE outbox SET headers = ? WHERE id = ?", "xyz", Uuid::of_name("0")));
    database.pass(std::chrono::minutes(2));
    auto rows = store->claim_expired(10, {.owner = "me", .lease = std::chrono::seconds(60)});
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    EXPECT_EQ(values_of(*rows), (std::set<std::string>{"value of 0", "value of 1"}));
}

TEST_F(MysqlOutboxStoreTest, ManyRowsAreOneOrFewStatements) {
    insert(3000);
    std::vector<Uuid> ids;
    std::vector<Setback> setbacks;
    for (int i = 0; i < 3000; ++i) {
        ids.push_back(Uuid::of_name(std::to_string(i)));
        setbacks.push_back({.id = ids.back(), .pause = std::chrono::milliseconds(i), .why = "down"});
    }
    ASSERT_TRUE(store->back_off(setbacks).has_value());
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox WHERE attempts = 1 AND owner = ''"), 3000);
    ASSERT_TRUE(store->remove(ids).has_value());
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox"), 0);
}

TEST_F(MysqlOutboxStoreTest, AProcessEndsTheClaimsOfItsPredecessors) {
    const auto owned = [](std::string owner) { return Claim{.owner = std::move(owner), .lease = std::chrono::seconds(60)}; };
    database.insert({row_named("a")}, owned("order-0:first"));
    database.insert({row_named("b")}, owned("order-01:first"));
    database.insert({row_named("c")}, owned("order-0"));
    auto session = database.pool.acquire().value();
    ASSERT_TRUE(release_predecessors(*session, "order-0").has_value());
    auto rows = store->claim_expired(10, owned("order-0:second"));
    ASSERT_TRUE(rows.has_value()) << rows.error().what;
    EXPECT_EQ(values_of(*rows), std::set<std::string>{"value of a"});
}

TEST_F(MysqlOutboxStoreTest, WithoutAServerEveryCallSaysUnavailable) {
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database.clock, database.registry);
    auto lost = make_mysql_outbox_store(pool);
    const std::vector<Uuid> ids{Uuid::of_name("1")};
    EXPECT_EQ(lost->remove(ids).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost->claim_expired(1, {.owner = "me"}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost->release("me").error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost->depth().error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::outbox
