#include "shared/kafka/consumer_loop.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/broker_driver.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::wait_until;

/// Keeps what was applied by key, in order, as an inbox does; sends dead letters to a topic; fails at random.
class Store final : public BatchHandler {
public:
    Store(Producer& producer, std::string dead_letter_topic)
        : producer_(producer), dead_letter_topic_(std::move(dead_letter_topic)) {}

    Result<void> apply(std::span<const Record> batch) override {
        if (random_() % 10 == 0) return fail(ErrorKind::Unavailable, "outage");
        for (const Record& record : batch) {
            if (record.value == "poison") return fail(ErrorKind::Invalid, "cannot be read");
        }
        for (const Record& record : batch) {
            if (handled.insert({record.partition, record.offset}).second)
                applied[record.key].push_back(record.value);
        }
        return {};
    }
    Result<void> dead_letter(const Record& record, const Error& why) override {
        OutgoingRecord letter{
            .topic = dead_letter_topic_, .key = record.key, .value = record.value, .headers = record.headers
        };
        letter.headers.emplace_back("kafka_dlt-exception-message", why.what);
        const auto sent = producer_.send(letter, 1);
        producer_.flush(10s);
        return sent;
    }

    std::set<std::pair<std::int32_t, std::int64_t>> handled;
    std::map<std::string, std::vector<std::string>> applied;

private:
    Producer& producer_;
    const std::string dead_letter_topic_;
    std::mt19937 random_{42};
};

/// Unavailable until `length` has passed since it was first asked.
class Outage final : public BatchHandler {
public:
    Outage(const Clock& clock, Duration length) : clock_(clock), length_(length) {}

    Result<void> apply(std::span<const Record> batch) override {
        const Instant now = clock_.now();
        if (!began) began = now;
        if (now - *began < length_) return fail(ErrorKind::Unavailable, "outage");
        for (const Record& record : batch) applied.push_back(record.value);
        return {};
    }
    Result<void> dead_letter(const Record&, const Error&) override {
        return fail(ErrorKind::Internal, "an outage is no reason for a dead letter");
    }

    std::optional<Instant> began;
    std::vector<std::string> applied;

private:
    const Clock& clock_;
    const Duration length_;
};

class ConsumerLoopBrokerTest : public testing::Test {
protected:
    ConsumerLoopBrokerTest() { driver_.producer().on_delivery(fates_.listener()); }
    void send(const std::string& key, const std::string& value) {
        ASSERT_TRUE(driver_.producer().send(
            {.topic = topic_, .key = key, .value = value, .headers = {{"ce_id", key}}}, 1
        ));
    }
    ConsumerLoop::Options options() const {
        return {
            .name = "test", .max_batch = 50, .poll_wait = 20ms, .backoff = {.initial = 5ms, .ceiling = 20ms}
        };
    }

    SystemClock clock_;
    BrokerDriver driver_;
    Fates fates_;
    const std::string topic_ = driver_.topic(3);
    const std::string dead_letter_topic_ = driver_.topic(3);
    const std::string group_ = driver_.group();
    Store store_{driver_.producer(), dead_letter_topic_};
};

TEST_F(ConsumerLoopBrokerTest, EveryRecordIsAppliedInOrderOrDeadLetteredThroughOutagesRestartsAndARebalance) {
    constexpr int kKeys = 20;
    constexpr int kEach = 50;
    for (int i = 0; i < kEach; ++i) {
        for (int key = 0; key < kKeys; ++key) send(std::to_string(key), std::to_string(i));
        if (i == 25) send("0", "poison");
    }
    driver_.producer().flush(30s);

    const auto done = [&] { return store_.handled.size() == kKeys * kEach; };
    for (int restart = 0; !done() && restart < 20; ++restart) {
        const auto consumer = driver_.consumer(group_, topic_);
        ConsumerLoop loop{options(), *consumer, store_, clock_, driver_.registry()};
        // Each process lives for some rounds only, then leaves; the last one finishes.
        const int rounds = restart < 5 ? 30 : 2000;
        for (int round = 0; !done() && round < rounds; ++round) loop.step(clock_.now());
        loop.close();
    }
    std::vector<std::string> all;
    for (int i = 0; i < kEach; ++i) all.push_back(std::to_string(i));
    for (int key = 0; key < kKeys; ++key) EXPECT_EQ(store_.applied[std::to_string(key)], all) << key;

    const auto letters = take(*driver_.consumer(driver_.group(), dead_letter_topic_), 1);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().key, "0");
    EXPECT_EQ(letters.front().value, "poison");
    EXPECT_EQ(
        letters.front().headers, (Headers{{"ce_id", "0"}, {"kafka_dlt-exception-message", "cannot be read"}})
    );
}

TEST_F(ConsumerLoopBrokerTest, NothingIsLeftForTheNextMemberOnceAllIsSettled) {
    for (int i = 0; i < 100; ++i) send(std::to_string(i), "value");
    driver_.producer().flush(30s);
    {
        const auto consumer = driver_.consumer(group_, topic_);
        ConsumerLoop loop{options(), *consumer, store_, clock_, driver_.registry()};
        ASSERT_TRUE(wait_until([&] {
            loop.step(clock_.now());
            return store_.handled.size() == 100 && loop.failures_in_a_row() == 0;
        }));
        loop.close();
    }
    const auto next = driver_.consumer(group_, topic_);
    ASSERT_TRUE(wait_until([&] {
        const auto batch = next->poll(10, 10ms);
        EXPECT_TRUE(!batch || batch->empty());
        return next->assignment().size() == 3;
    }));
    const auto batch = next->poll(10, 500ms);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->empty()) << "a settled record came again";
}

TEST_F(ConsumerLoopBrokerTest, AnOutageLongerThanTheLongestTimeBetweenPollsLeavesThePartitionWhereItIs) {
    constexpr Duration kOutage = 10s;
    ConsumerOptions member = driver_.consumer_options(group_, driver_.topic(1));
    member.session_timeout = 6s;  // brokers take no less
    member.max_poll_interval = 7s;
    ASSERT_TRUE(driver_.producer().send({.topic = member.topics.front(), .key = "key", .value = "value", .headers = {}}, 1));
    driver_.producer().flush(30s);

    Outage handler{clock_, kOutage};
    auto paused_once = options();  // and longer than the outage
    paused_once.backoff = {.initial = kOutage + 500ms, .ceiling = kOutage + 500ms, .jitter = 0};
    const auto consumer = make_consumer(member, driver_.registry());
    ConsumerLoop loop{paused_once, *consumer, handler, clock_, driver_.registry()};
    ASSERT_TRUE(wait_until([&] {
        loop.step(clock_.now());
        return loop.failures_in_a_row() == 1;
    }));
    ASSERT_TRUE(wait_until([&] {
        loop.step(clock_.now());
        EXPECT_EQ(consumer->assignment().size(), 1U) << "after " << (clock_.now() - *handler.began) / 1ms << " ms";
        return HasFailure() || !handler.applied.empty();
    }));
    EXPECT_EQ(handler.applied, std::vector<std::string>{"value"});
    EXPECT_GE(clock_.now() - *handler.began, kOutage);
    EXPECT_EQ(loop.failures_in_a_row(), 0);
    const auto assigned_once = std::format(
        "kafka_consumer_coordinator_rebalance_total{{application=\"test\",client_id=\"test\",group=\"{}\"}} 1\n", group_
    );
    EXPECT_THAT(driver_.registry().scrape(), testing::HasSubstr(assigned_once));
    loop.close();
}

}  // namespace
}  // namespace platform::kafka
