#include "services/notification/adapters/mysql_message_store.hpp"

#include "services/notification/migrations/migrations.hpp"
#include "tests/services/notification/store_contract.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace platform::notification {
namespace {

using namespace std::chrono_literals;

class MysqlDriver {
public:
    MessageStore& store() { return store_; }
    void pass(Duration time) {
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        database.execute(mysql::Sql(
            "UPDATE notifications SET next_attempt_at = next_attempt_at - INTERVAL ? MICROSECOND", micros
        ));
    }
    void die() { database.execute(mysql::Sql("UPDATE notifications SET owner = CONCAT(SUBSTRING_INDEX(owner, ':', 1), ':earlier')")); }
    [[nodiscard]] std::multiset<std::string> told() { return database.told(); }
    void refuse_events(bool refuse) { database.refuse_events(refuse); }

    test::ServiceDatabase database{migrations()};

private:
    MysqlMessageStore store_{{}, database.pool, database.relay};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mysql, MessageStoreContract, MysqlDriver);

class MysqlMessageStoreTest : public testing::Test {
protected:
    MessageStore& store() { return driver_.store(); }
    test::ServiceDatabase& database() { return driver_.database; }
    /// Nothing leaves with the commit.
    Result<std::vector<Message>> add(std::span<const Message> messages) {
        return store().add(messages, 60s, [](std::span<const Message>) { return std::vector<events::Event>{}; });
    }
    /// So many messages that somebody has to send.
    void add_due(int count) {
        std::vector<Message> messages;
        for (int i = 0; i < count; ++i) messages.push_back(message_for(std::to_string(i)));
        ASSERT_TRUE(add(messages));
        driver_.pass(61s);
    }

    MysqlDriver driver_;
};

TEST_F(MysqlMessageStoreTest, AMessageThatDoesNotFitTakesItsBatchAlong) {
    auto too_long = message_for("b");
    too_long.body = std::string(2001, 'x');
    EXPECT_FALSE(add(std::array{message_for("a"), too_long}));
    EXPECT_EQ(database().number("SELECT COUNT(*) FROM notifications"), 0);
    EXPECT_EQ(add(std::array{message_for("a")})->size(), 1U);
}

TEST_F(MysqlMessageStoreTest, TwoMembersWithTheSameEventsStoreEachMessageOnce) {
    constexpr int kRounds = 20;
    std::atomic<int> added = 0;
    std::atomic<int> given_up = 0;
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < 2; ++member) {
            members.emplace_back([&, member] {
                for (int round = 0; round < kRounds; ++round) {
                    std::vector<Message> batch;
                    for (int i = 0; i < 5; ++i) batch.push_back(message_for(std::to_string(round) + "." + std::to_string(i)));
                    if (member == 1) std::ranges::reverse(batch);
                    for (int tries = 0; true; ++tries) {
                        const auto done = add(batch);
                        if (done) {
                            added += static_cast<int>(done->size());
                            break;
                        }
                        EXPECT_EQ(done.error().kind, ErrorKind::Unavailable) << done.error().what;
                        if (tries < 200) continue;
                        ++given_up;
                        break;
                    }
                }
            });
        }
    }
    EXPECT_EQ(given_up, 0);
    EXPECT_EQ(added, kRounds * 5);
    EXPECT_EQ(database().number("SELECT COUNT(*) FROM notifications"), kRounds * 5);
}

TEST_F(MysqlMessageStoreTest, ASenderReadsWhatItTakesAlone) {
    add_due(100);
    const auto before = database().rows_read();
    ASSERT_EQ(store().take_due(7, 60s)->size(), 7U);
    EXPECT_LT(database().rows_read() - before, 50) << "what is read is locked, and hidden from the next sender";
}

TEST_F(MysqlMessageStoreTest, TwoSendersTakeDifferentMessages) {
    constexpr int kMessages = 100;
    add_due(kMessages);
    std::mutex mutex;
    std::vector<std::string> taken;  // guarded by mutex
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> senders;
        for (int i = 0; i < 2; ++i) {
            senders.emplace_back([&] {
                while (true) {
                    const auto due = store().take_due(7, 60s);
                    if (!due) ++failures;
                    if (!due || due->empty()) return;
                    const std::scoped_lock lock(mutex);
                    for (const auto& message : *due) taken.push_back(message.message_id);
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(taken.size(), kMessages);
    std::ranges::sort(taken);
    EXPECT_EQ(std::ranges::adjacent_find(taken), taken.end()) << "a message was taken twice";
}

TEST_F(MysqlMessageStoreTest, AMessageThatLeavesWithTheCommitCostsTwoRowWrites) {
    // Inbox and notification, and one outbox row for all of them. Nothing is updated.
    std::vector<Message> messages;
    for (int i = 0; i < 10; ++i) messages.push_back(by(kLog, message_for(std::to_string(i))));
    const auto writes = [&](const char* what) {
        return std::stoll(database().rows("SHOW GLOBAL STATUS LIKE 'Innodb_rows_" + std::string(what) + "'").front().text(1));
    };
    const auto inserted = writes("inserted");
    const auto updated = writes("updated");
    const auto deliver = [](std::span<const Message> now) {
        std::vector<events::Event> told;
        for (const auto& message : now) {
            told.push_back(event_of(message.order_id, static_cast<int>(told.size()) + 100, events::NotificationSent{.kind = "k", .channel = "log"}));
        }
        return told;
    };
    ASSERT_TRUE(store().add(messages, 60s, deliver));
    EXPECT_LE(writes("inserted") - inserted, 11) << "each message, and a share of one outbox row";
    EXPECT_EQ(writes("updated") - updated, 0);
}

TEST_F(MysqlMessageStoreTest, WithoutAServerEveryCallSaysUnavailable) {
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database().clock, database().registry);
    MysqlMessageStore lost{{}, pool, database().relay};
    const auto message = message_for("a");
    EXPECT_EQ(lost.add(std::array{message}, 1s, {}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.settle({.sent = {message}, .given_up = {}, .postponed = {}, .told = {}}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.release().error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.release_predecessors().error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.users_of(std::array{message.order_id}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.take_due(1, 1s).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.find(message.order_id).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::notification
