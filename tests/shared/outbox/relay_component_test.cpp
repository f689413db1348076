#include "shared/outbox/mysql_outbox_store.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/outbox/mysql_database.hpp"
#include "tests/shared/outbox/store_contract.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace platform::outbox {
namespace {

using namespace std::chrono_literals;
using test::KafkaBroker;

/// A relay between a real MySQL and a real Kafka; its steps run while a test waits.
class RelayOnRealServers : public testing::Test {
protected:
    RelayOnRealServers() {
        kafka::ProducerOptions producer_options;
        producer_options.bootstrap_servers = KafkaBroker::instance().bootstrap_servers();
        producer_options.client_id = "relay-test";
        producer_options.message_timeout = 5s;
        producer = kafka::make_producer(producer_options, topic, database.registry);
        start_relay("first");
    }
    ~RelayOnRealServers() override { relay.reset(); }

    void start_relay(const std::string& owner) {
        Relay::Options options;
        options.claim = {.owner = owner, .lease = 12s};
        options.backoff.initial = 100ms;
        options.backoff.ceiling = 500ms;
        relay.emplace(options, *store, *producer, database.clock, database.registry);
    }
    void commit(int from, int to, bool hand_over = true) {
        std::vector<OutboxRow> rows;
        for (int i = from; i < to; ++i) rows.push_back(row_named(std::to_string(i), topic));
        database.insert(rows, relay->claim());
        if (hand_over) relay->hand_over(std::move(rows));
    }
    [[nodiscard]] std::int64_t rows_left() { return database.number("SELECT COUNT(*) FROM outbox"); }
    [[nodiscard]] bool drained(Duration limit = 60s) {
        return test::wait_until(
            [&] {
                relay->step(database.clock.now());
                relay->sweep(database.clock.now());
                return rows_left() == 0;
            },
            limit
        );
    }
    /// How often each value is on the topic.
    [[nodiscard]] std::map<std::string, int> on_topic(std::size_t distinct) {
        kafka::ConsumerOptions options;
        options.bootstrap_servers = KafkaBroker::instance().bootstrap_servers();
        options.client_id = "checker";
        options.group = KafkaBroker::instance().fresh_name("checker");
        options.topics = {topic};
        auto consumer = kafka::make_consumer(options, database.registry);
        std::map<std::string, int> counts;
        const bool all = test::wait_until(
            [&] {
                auto records = consumer->poll(1000, 100ms);
                if (records) {
                    for (const kafka::Record& record : *records) ++counts[record.value];
                }
                return counts.size() >= distinct;
            },
            60s
        );
        EXPECT_TRUE(all) << counts.size() << " of " << distinct;
        consumer->close();
        return counts;
    }

    std::string topic = KafkaBroker::instance().fresh_topic("relay", 3);
    MysqlDatabase database;
    std::unique_ptr<OutboxStore> store = make_mysql_outbox_store(database.pool);
    std::unique_ptr<kafka::Producer> producer;
    std::optional<Relay> relay;
};

TEST_F(RelayOnRealServers, EveryCommittedRowReachesTheTopicOnce) {
    for (int i = 0; i < 2000; i += 100) {
        commit(i, i + 100);
        relay->step(database.clock.now());
    }
    ASSERT_TRUE(drained());
    const auto counts = on_topic(2000);
    EXPECT_EQ(counts.size(), 2000U);
    for (const auto& [value, count] : counts) EXPECT_EQ(count, 1) << value;
}

TEST_F(RelayOnRealServers, TheTableStaysSmallUnderLoad) {
    constexpr int kAtOnce = 100;
    std::int64_t most = 0;
    for (int i = 0; i < 5000; i += kAtOnce) {
        commit(i, i + kAtOnce);
        producer->flush(5s);
        relay->step(database.clock.now());
        most = std::max(most, rows_left());
    }
    // Acknowledged rows wait for each other until they are a batch (docs/adr/0003); the last ones may not be acknowledged yet.
    EXPECT_LE(most, static_cast<std::int64_t>(Relay::Options{}.delete_batch) + 2 * kAtOnce);
    EXPECT_TRUE(drained());
}

TEST_F(RelayOnRealServers, RowsOfACrashedProcessAreSentByTheNext) {
    commit(0, 50, false);  // committed, never handed over: the process died in between
    relay.reset();
    start_relay("second");
    relay->sweep(database.clock.now());
    EXPECT_EQ(rows_left(), 50) << "still claimed";
    database.pass(13s);
    ASSERT_TRUE(drained());
    EXPECT_EQ(on_topic(50).size(), 50U);
}

TEST_F(RelayOnRealServers, ABrokerThatIsAwayLosesNothing) {
    commit(0, 10);
    ASSERT_TRUE(drained());
    KafkaBroker::instance().kill();
    commit(10, 60);
    // All of them fail once their time is up, and wait in the table.
    ASSERT_TRUE(test::wait_until(
        [&] {
            relay->step(database.clock.now());
            return database.number("SELECT COUNT(*) FROM outbox WHERE attempts > 0") == 50;
        },
        60s
    ));
    EXPECT_EQ(rows_left(), 50) << "a row is deleted only after the broker has it";
    KafkaBroker::instance().start();
    ASSERT_TRUE(drained());
    EXPECT_EQ(on_topic(60).size(), 60U);
}

TEST_F(RelayOnRealServers, ShutDownLeavesNothingClaimed) {
    commit(0, 100);
    commit(100, 110, false);
    relay->shut_down(10s);
    EXPECT_EQ(rows_left(), 10);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox WHERE claimed_until > CURRENT_TIMESTAMP(6)"), 0);
    EXPECT_EQ(on_topic(100).size(), 100U);
}

}  // namespace
}  // namespace platform::outbox
