#include "shared/kafka/consumer.hpp"

#include "shared/kafka/admin.hpp"
#include "tests/backends/child_process.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/broker_driver.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <stdexcept>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::wait_until;
using testing::HasSubstr;

class ConsumerTest : public testing::Test {
protected:
    ConsumerTest() { driver_.producer().on_delivery(fates_.listener()); }

    void send(const std::string& topic, int count) {
        for (int i = 0; i < count; ++i) {
            const std::string text = std::to_string(sent_++);
            ASSERT_TRUE(
                driver_.producer().send({.topic = topic, .key = text, .value = text, .headers = {}}, 1)
            );
        }
        driver_.producer().flush(30s);
    }
    /// Polls until the member holds `count` partitions.
    static bool holds(Consumer& consumer, std::size_t count) {
        return wait_until([&] {
            static_cast<void>(consumer.poll(100, 10ms));
            return consumer.assignment().size() == count;
        });
    }

    const SystemClock clock_;
    BrokerDriver driver_;
    Fates fates_;
    int sent_ = 0;
};

TEST_F(ConsumerTest, TwoMembersShareThePartitionsAndTheOneThatStaysGetsThemBack) {
    const auto topic = driver_.topic(4);
    const auto group = driver_.group();
    const auto first = driver_.consumer(group, topic);
    ASSERT_TRUE(holds(*first, 4));
    auto second = driver_.consumer(group, topic);
    ASSERT_TRUE(wait_until([&] {
        static_cast<void>(first->poll(1, 10ms));
        static_cast<void>(second->poll(1, 10ms));
        return first->assignment().size() == 2 && second->assignment().size() == 2;
    }));
    std::set<TopicPartition> all;
    for (const auto& partition : first->assignment()) all.insert(partition);
    for (const auto& partition : second->assignment()) all.insert(partition);
    EXPECT_EQ(all.size(), 4U);

    second->close();
    const Instant closed = clock_.now();
    ASSERT_TRUE(holds(*first, 4));
    EXPECT_LT(clock_.now() - closed, 5s) << "it left; the session did not have to time out";
    const std::string text = driver_.registry().scrape();
    EXPECT_THAT(text, HasSubstr("kafka_consumer_coordinator_assigned_partitions{"));
    EXPECT_THAT(text, HasSubstr("kafka_consumer_coordinator_rebalance_total{"));
}

TEST_F(ConsumerTest, ThePartitionsOfAKilledMemberAreReadByTheOther) {
    const auto topic = driver_.topic(4);
    const auto group = driver_.group();
    const auto survivor = driver_.consumer(group, topic);
    ASSERT_TRUE(holds(*survivor, 4));
    test::ChildProcess other;
    other.start({
        .arguments = {KAFKA_MEMBER, driver_.broker().bootstrap_servers(), group, topic},
        .environment = {},
        .log = std::filesystem::temp_directory_path() / "kafka_member.log",
    });
    ASSERT_TRUE(holds(*survivor, 2));
    other.kill();
    const Instant killed = clock_.now();
    ASSERT_TRUE(holds(*survivor, 4));
    EXPECT_LT(clock_.now() - killed, 15s) << "the session times out after 6 s";
    send(topic, 40);
    EXPECT_EQ(take(*survivor, 40).size(), 40U);
}

TEST_F(ConsumerTest, WhatWasReadButNotCommittedIsReadAgainByTheNextOwner) {
    const auto topic = driver_.topic(1);
    const auto group = driver_.group();
    send(topic, 10);
    const auto first = driver_.consumer(group, topic);
    const auto records = take(*first, 10);
    EXPECT_TRUE(first->commit(std::vector{records[3]}));
    // A second member takes the partition or leaves it; either way nobody skips a record.
    auto second = driver_.consumer(group, topic);
    std::set<std::string> seen;
    ASSERT_TRUE(wait_until([&] {
        for (auto* consumer : {first.get(), second.get()}) {
            auto batch = consumer->poll(100, 10ms);
            if (!batch) continue;
            for (const Record& record : *batch) seen.insert(record.value);
        }
        return seen.size() == 6;
    }));
    EXPECT_FALSE(seen.contains("3"));
    EXPECT_TRUE(seen.contains("4"));
    // The one that lost the partition cannot commit for it.
    auto* loser = first->assignment().empty() ? first.get() : second.get();
    EXPECT_TRUE(loser->commit(std::vector{records[9]}));
    first->close();
    second->close();
    const auto third = driver_.consumer(group, topic);
    EXPECT_EQ(take(*third, 6).front().value, "4");
}

TEST_F(ConsumerTest, ATopicThatDoesNotExistYetIsWaitedFor) {
    const auto topic = driver_.broker().fresh_name("later");
    const auto consumer = driver_.consumer(driver_.group(), topic);
    for (int i = 0; i < 10; ++i) {
        const auto batch = consumer->poll(10, 100ms);
        ASSERT_TRUE(batch) << batch.error().what;
        EXPECT_TRUE(batch->empty());
    }
    driver_.broker().create_topic(topic, 2);
    ASSERT_TRUE(holds(*consumer, 2));
    send(topic, 5);
    EXPECT_EQ(take(*consumer, 5).size(), 5U);
}

TEST_F(ConsumerTest, PartitionsThatAreAddedAreReadToo) {
    const auto topic = driver_.topic(1);
    const auto consumer = driver_.consumer(driver_.group(), topic);
    ASSERT_TRUE(holds(*consumer, 1));
    Admin admin{driver_.broker().bootstrap_servers(), {}, 10s};
    ASSERT_TRUE(admin.grow_partitions(topic, 3));
    EXPECT_TRUE(holds(*consumer, 3));
}

TEST_F(ConsumerTest, ABrokerThatIsKilledAndComesBackLosesNothing) {
    const auto topic = driver_.topic(2);
    const auto consumer = driver_.consumer(driver_.group(), topic);
    send(topic, 20);
    const auto before = take(*consumer, 20);
    EXPECT_TRUE(commit_all(*consumer, before));
    driver_.broker().kill();
    for (int i = 0; i < 5; ++i) static_cast<void>(consumer->poll(10, 100ms));
    driver_.broker().start();
    send(topic, 20);
    std::set<std::string> seen;
    ASSERT_TRUE(wait_until([&] {
        auto batch = consumer->poll(100, 50ms);
        if (batch) {
            for (const Record& record : *batch) seen.insert(record.value);
        }
        return seen.size() >= 20;
    }));
    for (int i = 20; i < 40; ++i) EXPECT_TRUE(seen.contains(std::to_string(i))) << i;
}

TEST_F(ConsumerTest, CommitAndCloseEndInTimeWhenTheBrokerHangs) {
    const auto topic = driver_.topic(1);
    const auto consumer = driver_.consumer(driver_.group(), topic);
    send(topic, 3);
    const auto records = take(*consumer, 3);
    driver_.broker().pause();
    Instant started = clock_.now();
    const auto committed = commit_all(*consumer, records);
    ASSERT_FALSE(committed);
    EXPECT_TRUE(retryable(committed.error().kind)) << committed.error().what;
    EXPECT_LT(clock_.now() - started, 7s);
    started = clock_.now();
    consumer->close();
    EXPECT_LT(clock_.now() - started, 8s);
    driver_.broker().resume();
}

TEST_F(ConsumerTest, TellsItsLag) {
    const auto topic = driver_.topic(1);
    auto options = driver_.consumer_options(driver_.group(), topic);
    options.extra = {{"statistics.interval.ms", "100"}};
    const auto consumer = make_consumer(options, driver_.registry());
    send(topic, 10);
    const auto records = take(*consumer, 10);
    EXPECT_TRUE(consumer->commit(std::vector{records[6]}));
    const auto lag = [&](int records_left) {
        return wait_until([&] {
            static_cast<void>(consumer->poll(1, 10ms));
            const std::string expected =
                "partition=\"0\",topic=\"" + topic + "\"} " + std::to_string(records_left) + "\n";
            return driver_.registry().scrape().find(expected) != std::string::npos;
        });
    };
    EXPECT_TRUE(lag(3)) << driver_.registry().scrape();
    EXPECT_TRUE(consumer->commit(std::vector{records[9]}));
    EXPECT_TRUE(lag(0)) << driver_.registry().scrape();
}

TEST_F(ConsumerTest, AnOptionThatIsNotUsableIsNamed) {
    auto options = driver_.consumer_options("group", "topic");
    options.extra = {{"auto.offset.reset", "tomorrow"}};
    EXPECT_THROW(static_cast<void>(make_consumer(options, driver_.registry())), std::runtime_error);
}

}  // namespace
}  // namespace platform::kafka
