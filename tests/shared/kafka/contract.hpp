#pragma once
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/// What every Producer and Consumer does, the fake one and the real one alike. `Driver` gives
/// topic(partitions), group(), producer() and consumer(group, topic).
namespace platform::kafka {

/// The fates of records, as told to a DeliveryListener. Thread-safe.
class Fates {
public:
    Producer::DeliveryListener listener() {
        return [this](Producer::Token token, const Result<void>& fate) {
            const std::scoped_lock lock{mutex_};
            fates_[token].push_back(fate);
        };
    }
    std::map<Producer::Token, std::vector<Result<void>>> all() const {
        const std::scoped_lock lock{mutex_};
        return fates_;
    }
    std::size_t delivered() const {
        const std::scoped_lock lock{mutex_};
        return static_cast<std::size_t>(std::ranges::count_if(fates_, [](const auto& fate) {
            return fate.second.size() == 1 && fate.second.front().has_value();
        }));
    }

private:
    mutable std::mutex mutex_;
    std::map<Producer::Token, std::vector<Result<void>>> fates_;  // guarded by mutex_
};

/// Polls until `count` records have come, or some 30 s have passed; fewer are a failure.
inline std::vector<Record> take(Consumer& consumer, std::size_t count) {
    std::vector<Record> all;
    for (int tries = 0; all.size() < count && tries < 300; ++tries) {
        auto batch = consumer.poll(count - all.size(), std::chrono::milliseconds(100));
        if (batch) all.insert(all.end(), batch->begin(), batch->end());
    }
    EXPECT_EQ(all.size(), count);
    return all;
}

inline std::vector<std::string> values(const std::vector<Record>& records) {
    std::vector<std::string> texts;
    for (const Record& record : records) texts.push_back(record.value);
    return texts;
}

inline Result<void> commit_all(Consumer& consumer, const std::vector<Record>& records) {
    std::map<TopicPartition, Record> last;
    for (const Record& record : records) {
        last.insert_or_assign({.topic = record.topic, .partition = record.partition}, record);
    }
    std::vector<Record> positions;
    for (const auto& [partition, record] : last) positions.push_back(record);
    return consumer.commit(positions);
}

template <class Driver>
class KafkaContract : public testing::Test {
protected:
    KafkaContract() { driver_.producer().on_delivery(fates_.listener()); }

    /// Sends "1", "2", ... with the same key, so to one partition.
    void send(const std::string& topic, int from, int to, const std::string& key = "key") {
        for (int i = from; i <= to; ++i) {
            const auto sent = driver_.producer().send(
                {.topic = topic, .key = key, .value = std::to_string(i), .headers = {}}, ++token_
            );
            ASSERT_TRUE(sent) << sent.error().what;
        }
        driver_.producer().flush(std::chrono::seconds(30));
    }

    Driver driver_;
    Fates fates_;
    Producer::Token token_ = 0;
};
TYPED_TEST_SUITE_P(KafkaContract);

TYPED_TEST_P(KafkaContract, EveryRecordMeetsOneFate) {
    const auto topic = this->driver_.topic(3);
    constexpr int kRecords = 1000;
    for (int i = 0; i < kRecords; ++i) {
        ASSERT_TRUE(this->driver_.producer().send(
            {.topic = topic, .key = std::to_string(i), .value = "value", .headers = {}},
            static_cast<Producer::Token>(i)
        ));
    }
    this->driver_.producer().flush(std::chrono::seconds(30));
    EXPECT_EQ(this->fates_.all().size(), static_cast<std::size_t>(kRecords));
    EXPECT_EQ(this->fates_.delivered(), static_cast<std::size_t>(kRecords));
}

TYPED_TEST_P(KafkaContract, ARecordThatIsTooLargeIsRefusedAsInvalidAndHasNoFate) {
    const auto topic = this->driver_.topic(1);
    const auto sent = this->driver_.producer().send(
        {.topic = topic, .key = "k", .value = std::string(3'000'000, 'x'), .headers = {}}, 7
    );
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::Invalid);
    this->driver_.producer().flush(std::chrono::seconds(10));
    EXPECT_TRUE(this->fates_.all().empty());
}

TYPED_TEST_P(KafkaContract, RecordsArriveWholeAndInOrder) {
    const auto topic = this->driver_.topic(3);
    const std::string bytes("\0\xff value", 8);
    ASSERT_TRUE(this->driver_.producer().send(
        {.topic = topic,
         .key = "key",
         .value = bytes,
         .headers = {{"ce_id", "1"}, {"empty", ""}, {"ce_id", "again"}}},
        99
    ));
    this->send(topic, 1, 50);
    const auto consumer = this->driver_.consumer(this->driver_.group(), topic);
    const auto records = take(*consumer, 51);
    ASSERT_EQ(records.size(), 51U);
    EXPECT_EQ(records.front().topic, topic);
    EXPECT_EQ(records.front().key, "key");
    EXPECT_EQ(records.front().value, bytes);
    EXPECT_EQ(records.front().headers, (Headers{{"ce_id", "1"}, {"empty", ""}, {"ce_id", "again"}}));
    EXPECT_GE(records.front().timestamp_millis, 0);
    for (std::size_t i = 1; i < records.size(); ++i) {
        EXPECT_EQ(records[i].value, std::to_string(i));
        EXPECT_EQ(records[i].offset, records[i - 1].offset + 1);
        EXPECT_EQ(records[i].partition, records[0].partition) << "one key, one partition";
    }
}

TYPED_TEST_P(KafkaContract, APollGivesNoMoreThanAskedFor) {
    const auto topic = this->driver_.topic(1);
    this->send(topic, 1, 20);
    const auto consumer = this->driver_.consumer(this->driver_.group(), topic);
    static_cast<void>(take(*consumer, 1));
    const auto batch = consumer->poll(5, std::chrono::seconds(5));
    ASSERT_TRUE(batch);
    EXPECT_LE(batch->size(), 5U);
    EXPECT_FALSE(batch->empty());
}

TYPED_TEST_P(KafkaContract, TheNextMemberStartsAfterWhatWasCommitted) {
    const auto topic = this->driver_.topic(1);
    const auto group = this->driver_.group();
    this->send(topic, 1, 6);
    {
        const auto consumer = this->driver_.consumer(group, topic);
        const auto records = take(*consumer, 4);
        ASSERT_EQ(records.size(), 4U);
        EXPECT_TRUE(consumer->commit(std::vector{records[1]}));
        consumer->close();
    }
    {
        const auto consumer = this->driver_.consumer(group, topic);
        const auto records = take(*consumer, 4);
        EXPECT_THAT(values(records), testing::ElementsAre("3", "4", "5", "6"));
        EXPECT_TRUE(commit_all(*consumer, records));
        consumer->close();
    }
    this->send(topic, 7, 7);
    const auto consumer = this->driver_.consumer(group, topic);
    EXPECT_THAT(values(take(*consumer, 1)), testing::ElementsAre("7"));
}

TYPED_TEST_P(KafkaContract, ACommitNeverTakesAnOffsetBack) {
    const auto topic = this->driver_.topic(1);
    const auto group = this->driver_.group();
    this->send(topic, 1, 3);
    const auto first = this->driver_.consumer(group, topic);
    const auto records = take(*first, 3);
    EXPECT_TRUE(first->commit(std::vector{records[1]}));
    EXPECT_TRUE(first->commit(std::vector{records[0]}));
    Record elsewhere = records[2];
    elsewhere.partition = 17;
    EXPECT_TRUE(first->commit(std::vector{elsewhere})) << "a partition that is not ours is skipped";
    first->close();
    const auto second = this->driver_.consumer(group, topic);
    EXPECT_THAT(values(take(*second, 1)), testing::ElementsAre("3"));
}

TYPED_TEST_P(KafkaContract, ARewoundPartitionIsSilentUntilItIsResumedAndThenRepeats) {
    const auto topic = this->driver_.topic(1);
    this->send(topic, 1, 10);
    const auto consumer = this->driver_.consumer(this->driver_.group(), topic);
    EXPECT_EQ(take(*consumer, 2).size(), 2U);
    for (int round = 0; round < 3; ++round) {
        const auto records = take(*consumer, 4);
        ASSERT_EQ(records.size(), 4U);
        EXPECT_THAT(values(records), testing::ElementsAre("3", "4", "5", "6"));
        consumer->rewind_and_pause(records.front());
        for (int i = 0; i < 3; ++i) {
            const auto silent = consumer->poll(10, std::chrono::milliseconds(100));
            ASSERT_TRUE(silent);
            EXPECT_TRUE(silent->empty());
        }
        consumer->resume({.topic = topic, .partition = records.front().partition});
    }
    EXPECT_THAT(values(take(*consumer, 8)), testing::ElementsAre("3", "4", "5", "6", "7", "8", "9", "10"));
}

TYPED_TEST_P(KafkaContract, OtherPartitionsGoOnWhileOneIsPaused) {
    const auto topic = this->driver_.topic(2);
    for (int key = 0; key < 20; ++key) this->send(topic, 1, 2, std::to_string(key));
    const auto consumer = this->driver_.consumer(this->driver_.group(), topic);
    const auto records = take(*consumer, 40);
    const auto first = std::ranges::find(records, 0, &Record::partition);
    ASSERT_NE(first, records.end());
    const auto in_first = std::ranges::count(records, 0, &Record::partition);
    ASSERT_LT(in_first, 40) << "the keys are spread";
    consumer->rewind_and_pause(*first);
    for (int key = 0; key < 20; ++key) this->send(topic, 3, 3, std::to_string(key));
    const auto more = take(*consumer, 20 - static_cast<std::size_t>(in_first / 2));
    EXPECT_EQ(std::ranges::count(more, 0, &Record::partition), 0);
    consumer->resume({.topic = topic, .partition = 0});
    const auto rest = take(*consumer, static_cast<std::size_t>(in_first + (in_first / 2)));
    EXPECT_EQ(std::ranges::count(rest, 0, &Record::partition), std::ssize(rest));
    EXPECT_EQ(rest.front().offset, first->offset);
}

TYPED_TEST_P(KafkaContract, AClosedMemberIsQuiet) {
    const auto topic = this->driver_.topic(1);
    this->send(topic, 1, 2);
    const auto consumer = this->driver_.consumer(this->driver_.group(), topic);
    const auto records = take(*consumer, 1);
    EXPECT_EQ(consumer->assignment().size(), 1U);
    consumer->close();
    consumer->close();
    EXPECT_TRUE(consumer->assignment().empty());
    const auto batch = consumer->poll(10, std::chrono::milliseconds(1));
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->empty());
    EXPECT_TRUE(commit_all(*consumer, records));
    consumer->rewind_and_pause(records.front());
    consumer->resume({.topic = topic, .partition = 0});
}

REGISTER_TYPED_TEST_SUITE_P(
    KafkaContract,
    EveryRecordMeetsOneFate,
    ARecordThatIsTooLargeIsRefusedAsInvalidAndHasNoFate,
    RecordsArriveWholeAndInOrder,
    APollGivesNoMoreThanAskedFor,
    TheNextMemberStartsAfterWhatWasCommitted,
    ACommitNeverTakesAnOffsetBack,
    ARewoundPartitionIsSilentUntilItIsResumedAndThenRepeats,
    OtherPartitionsGoOnWhileOneIsPaused,
    AClosedMemberIsQuiet
);

}  // namespace platform::kafka
