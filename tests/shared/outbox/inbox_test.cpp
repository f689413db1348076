#include "shared/outbox/inbox.hpp"

#include "tests/backends/wait.hpp"
#include "tests/shared/outbox/mysql_database.hpp"

#include <future>
#include <gtest/gtest.h>

namespace platform::outbox {
namespace {

class InboxTest : public testing::Test {
protected:
    static std::vector<Uuid> events(std::initializer_list<const char*> names) {
        std::vector<Uuid> ids;
        for (const char* name : names) ids.push_back(Uuid::of_name(name));
        return ids;
    }
    static std::set<Uuid> set_of(std::initializer_list<const char*> names) {
        const auto ids = events(names);
        return {ids.begin(), ids.end()};
    }
    /// Admits in a transaction of its own.
    std::set<Uuid> admitted(std::string_view group, const std::vector<Uuid>& ids) {
        auto session = database.pool.acquire().value();
        auto transaction = mysql::Transaction::begin(*session).value();
        auto fresh = admit(*session, group, ids);
        EXPECT_TRUE(fresh.has_value()) << (fresh ? "" : fresh.error().what);
        EXPECT_TRUE(transaction.commit().has_value());
        return fresh.value_or(std::set<Uuid>{});
    }

    MysqlDatabase database;
};

TEST_F(InboxTest, AnEventIsAdmittedOnce) {
    EXPECT_EQ(admitted("orders", events({"a", "b"})), set_of({"a", "b"}));
    EXPECT_EQ(admitted("orders", events({"b", "c", "a", "d"})), set_of({"c", "d"}));
    EXPECT_EQ(admitted("orders", events({"a", "b", "c", "d"})), set_of({}));
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM inbox"), 4);
}

TEST_F(InboxTest, RepeatsWithinABatchCountOnce) {
    EXPECT_EQ(admitted("orders", events({"a", "a", "b", "a"})), set_of({"a", "b"}));
    EXPECT_EQ(admitted("orders", {}), set_of({}));
}

TEST_F(InboxTest, WhatHappensNowIsGivenInItsOrder) {
    const auto positions = [this](std::initializer_list<const char*> names) {
        std::vector<std::optional<EventId>> events;
        for (const std::string name : names) events.push_back(name.empty() ? std::nullopt : std::optional(EventId{Uuid::of_name(name)}));
        auto session = database.pool.acquire().value();
        auto transaction = mysql::Transaction::begin(*session).value();
        auto admitted = admit_positions(*session, "orders", events).value();
        EXPECT_TRUE(transaction.commit().has_value());
        return admitted;
    };
    using Positions = std::vector<std::size_t>;
    EXPECT_EQ(positions({"b", "", "a", "b", "", "c"}), (Positions{0, 1, 2, 4, 5})) << "of repeats the first, and all without an id";
    EXPECT_EQ(positions({"d", "a", "", "e", "c"}), (Positions{0, 2, 3}));
    EXPECT_EQ(positions({"", ""}), (Positions{0, 1})) << "nothing to look up";
    EXPECT_EQ(positions({}), Positions{});
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM inbox"), 5);
}

TEST_F(InboxTest, GroupsAreApart) {
    EXPECT_EQ(admitted("orders", events({"a"})), set_of({"a"}));
    EXPECT_EQ(admitted("timeline", events({"a"})), set_of({"a"}));
}

TEST_F(InboxTest, ARolledBackEventIsNewAgain) {
    {
        auto session = database.pool.acquire().value();
        auto transaction = mysql::Transaction::begin(*session).value();
        ASSERT_TRUE(admit(*session, "orders", events({"a"})).has_value());
    }
    EXPECT_EQ(admitted("orders", events({"a"})), set_of({"a"}));
}

TEST_F(InboxTest, ALargeBatchIsAdmittedWhole) {
    std::vector<Uuid> ids;
    for (int i = 0; i < 2500; ++i) ids.push_back(Uuid::of_name("event " + std::to_string(i)));
    EXPECT_EQ(admitted("orders", ids).size(), 2500U);
    ids.push_back(Uuid::of_name("one more"));
    EXPECT_EQ(admitted("orders", ids), set_of({"one more"}));
}

TEST_F(InboxTest, OfTwoMembersThatRaceOneHandlesTheEvent) {
    auto first = database.pool.acquire().value();
    auto mine = mysql::Transaction::begin(*first).value();
    ASSERT_EQ(admit(*first, "orders", events({"a"})).value(), set_of({"a"}));
    // The other one waits for the lock on the row, then sees that it is there.
    auto racing = std::async(std::launch::async, [&] { return admitted("orders", events({"a", "b"})); });
    auto watch = mysql::Session::connect(test::MysqlServer::instance().root()).value();
    const auto waits = [&] {
        return watch->query(mysql::Sql("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")).value().front().text(1) == "1";
    };
    EXPECT_TRUE(test::wait_until(waits)) << "the two do not meet";
    ASSERT_TRUE(mine.commit().has_value());
    EXPECT_EQ(racing.get(), set_of({"b"}));
}

TEST_F(InboxTest, OldRowsAreDeletedAPieceAtATime) {
    admitted("orders", events({"a", "b", "c"}));
    database.pass(std::chrono::hours(48));
    admitted("orders", events({"d"}));
    auto session = database.pool.acquire().value();
    EXPECT_EQ(purge_inbox(*session, std::chrono::hours(24), 2).value(), 2U);
    EXPECT_EQ(purge_inbox(*session, std::chrono::hours(24), 2).value(), 1U);
    EXPECT_EQ(purge_inbox(*session, std::chrono::hours(24), 2).value(), 0U);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM inbox"), 1);
}

}  // namespace
}  // namespace platform::outbox
