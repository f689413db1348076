#include "shared/kafka/producer.hpp"

#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/broker_driver.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::wait_until;

class ProducerTest : public testing::Test {
protected:
    /// Ends `producer` before the fates it tells.
    std::unique_ptr<Producer> make(const ProducerOptions& options) {
        auto producer = make_producer(options, "warm-up", driver_.registry());
        producer->on_delivery(fates_.listener());
        return producer;
    }
    static OutgoingRecord record(const std::string& topic, const std::string& value) {
        return {.topic = topic, .key = "key", .value = value, .headers = {}};
    }

    BrokerDriver driver_;
    Fates fates_;
};

/// Keys and hashes of Kafka's own test of its Java client; the partition is the positive hash modulo the
/// number of partitions.
TEST_F(ProducerTest, AKeyHasThePartitionThatJavaProducersChoose) {
    constexpr std::int32_t kPartitions = 7;
    const std::vector<std::pair<std::string, std::int32_t>> hashes{
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };
    const auto topic = driver_.topic(kPartitions);
    const auto producer = make(driver_.producer_options());
    for (const auto& [key, hash] : hashes) {
        ASSERT_TRUE(producer->send({.topic = topic, .key = key, .value = key, .headers = {}}, 1));
    }
    producer->flush(20s);
    const auto consumer = driver_.consumer(driver_.group(), topic);
    std::map<std::string, std::int32_t> partitions;
    for (const Record& record : take(*consumer, hashes.size())) partitions[record.key] = record.partition;
    for (const auto& [key, hash] : hashes)
        EXPECT_EQ(partitions[key], (hash & 0x7fffffff) % kPartitions) << key;
}

TEST_F(ProducerTest, IsReadyBeforeTheFirstRecordWhichThenDoesNotWait) {
    const auto topic = driver_.topic(1);
    const auto producer = make_producer(driver_.producer_options(), topic, driver_.registry());
    producer->on_delivery(fates_.listener());
    ASSERT_TRUE(wait_until([&] { return producer->ready(); }));
    const SystemClock clock;
    const Instant started = clock.now();
    ASSERT_TRUE(producer->send(record(topic, "first"), 1));
    producer->flush(20s);
    EXPECT_EQ(fates_.delivered(), 1U);
    EXPECT_LT(clock.now() - started, 500ms) << "a cold producer takes about a second";
}

TEST_F(ProducerTest, IsNotReadyWithoutABrokerAndAFullQueueIsUnavailable) {
    auto options = driver_.producer_options();
    options.bootstrap_servers = "127.0.0.1:" + std::to_string(test::free_port());
    options.queue_max_messages = 10;
    {
        const auto producer = make(options);
        for (Producer::Token token = 0; token < 10; ++token)
            ASSERT_TRUE(producer->send(record("topic", "x"), token));
        const auto sent = producer->send(record("topic", "x"), 10);
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().kind, ErrorKind::Unavailable);
        const SystemClock clock;
        const Instant started = clock.now();
        producer->flush(300ms);
        EXPECT_GE(clock.now() - started, 300ms) << "nothing has met its fate";
        EXPECT_LT(clock.now() - started, 5s);
        EXPECT_FALSE(producer->ready());
        EXPECT_TRUE(fates_.all().empty());
    }
    const auto fates = fates_.all();
    ASSERT_EQ(fates.size(), 10U) << "the end of a producer is the fate of what it holds";
    for (const auto& [token, fate] : fates) {
        ASSERT_EQ(fate.size(), 1U);
        ASSERT_FALSE(fate.front());
        EXPECT_EQ(fate.front().error().kind, ErrorKind::Unavailable);
    }
}

TEST_F(ProducerTest, ARecordThatTheBrokerDoesNotAnswerTimesOut) {
    const auto topic = driver_.topic(1);
    auto options = driver_.producer_options();
    options.message_timeout = 1500ms;
    const auto producer = make(options);
    ASSERT_TRUE(wait_until([&] { return producer->ready(); }));
    ASSERT_TRUE(producer->send(record(topic, "arrives"), 1));
    producer->flush(20s);
    driver_.broker().pause();
    ASSERT_TRUE(producer->send(record(topic, "waits"), 2));
    producer->flush(20s);
    driver_.broker().resume();
    const auto fates = fates_.all();
    ASSERT_EQ(fates.size(), 2U);
    EXPECT_TRUE(fates.at(1).front());
    ASSERT_FALSE(fates.at(2).front());
    EXPECT_EQ(fates.at(2).front().error().kind, ErrorKind::Timeout);
    EXPECT_TRUE(fates.at(2).front().error().outcome_unknown);
}

TEST_F(ProducerTest, ARecordForATopicThatComesLaterArrives) {
    const auto topic = driver_.broker().fresh_name("later");
    const auto producer = make(driver_.producer_options());
    ASSERT_TRUE(producer->send(record(topic, "early"), 1));
    producer->flush(500ms);
    EXPECT_TRUE(fates_.all().empty());
    driver_.broker().create_topic(topic);
    producer->flush(20s);
    EXPECT_EQ(fates_.delivered(), 1U);
}

TEST_F(ProducerTest, ABrokerKilledInTheMiddleCostsNothingAndDoublesNothing) {
    const auto topic = driver_.topic(1);
    const auto producer = make(driver_.producer_options());
    ASSERT_TRUE(wait_until([&] { return producer->ready(); }));
    constexpr int kRecords = 3000;
    std::vector<std::string> expected;
    for (int i = 0; i < kRecords; ++i) {
        expected.push_back(std::to_string(i));
        ASSERT_TRUE(producer->send(record(topic, expected.back()), static_cast<Producer::Token>(i)));
        if (i == kRecords / 3) {
            ASSERT_TRUE(wait_until([&] { return fates_.delivered() > 10; }));
            driver_.broker().kill();
        }
        if (i == 2 * kRecords / 3) driver_.broker().start();
    }
    producer->flush(40s);
    EXPECT_EQ(fates_.delivered(), static_cast<std::size_t>(kRecords));
    const auto consumer = driver_.consumer(driver_.group(), topic);
    EXPECT_EQ(values(take(*consumer, kRecords)), expected);
    EXPECT_TRUE(consumer->poll(1, 300ms)->empty());
}

TEST_F(ProducerTest, ManyThreadsMaySend) {
    const auto topic = driver_.topic(3);
    const auto producer = make(driver_.producer_options());
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 500;
    {
        std::vector<std::jthread> threads;
        for (std::size_t thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                for (std::size_t i = 0; i < kEach; ++i) {
                    EXPECT_TRUE(producer->send(record(topic, "x"), (thread * kEach) + i));
                }
            });
        }
    }
    producer->flush(20s);
    EXPECT_EQ(fates_.delivered(), kThreads * kEach);
}

TEST_F(ProducerTest, AnOptionThatIsNotUsableIsNamed) {
    auto options = driver_.producer_options();
    options.extra = {{"acks", "most"}};
    try {
        static_cast<void>(make(options));
        FAIL() << "accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("acks"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace platform::kafka
