#include "shared/service/redrive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace platform::service {
namespace {

using namespace std::chrono_literals;
using kafka::Backlog;
using kafka::Record;
using kafka::TopicPartition;

/// Letters in memory. One thread.
class FakeBacklog final : public Backlog {
public:
    void add(const TopicPartition& partition, std::string key, std::string group) {
        auto& log = logs[partition];
        log.push_back(Record{
            .topic = partition.topic,
            .partition = partition.partition,
            .offset = static_cast<std::int64_t>(log.size()),
            .key = std::move(key),
            .value = "value",
            .headers =
                {{"ce_id", "1"}, {"kafka_dlt-original-consumer-group", std::move(group)}, {"kafka_dlt-exception-message", "why"}},
        });
    }
    Result<std::vector<Span>> spans(const std::vector<std::string>& topics) override {
        std::vector<Span> all;
        for (const auto& [partition, log] : logs) {
            if (!std::ranges::contains(topics, partition.topic)) continue;
            all.push_back(
                {.partition = partition, .first = 0, .next = committed[partition], .end = static_cast<std::int64_t>(log.size())}
            );
        }
        return all;
    }
    Result<Page> read(const TopicPartition& partition, std::int64_t from, std::int64_t end, std::size_t max) override {
        Page page{.records = {}, .next = from};
        const auto& log = logs[partition];
        while (page.next < end && page.records.size() < max) page.records.push_back(log[static_cast<std::size_t>(page.next++)]);
        return page;
    }
    Result<void> commit(const TopicPartition& partition, std::int64_t next) override {
        committed[partition] = next;
        return {};
    }

    std::map<TopicPartition, std::vector<Record>> logs;
    std::map<TopicPartition, std::int64_t> committed;
};

class RedriveTest : public testing::Test {
protected:
    Redrive redrive() {
        return Redrive(
            {.group = "payment-service", .topics = {"order.events", "other"}, .suffix = ".DLT"},
            backlog_,
            [this](std::vector<kafka::OutgoingRecord> records) -> Result<void> {
                if (broken_) return fail(ErrorKind::Unavailable, "no database");
                for (auto& record : records) sent_.push_back(std::move(record));
                return {};
            },
            clock_
        );
    }
    Redrive::Outcome run(const Redrive::Choice& choice = {}) {
        const auto outcome = redrive().run(choice, clock_.now() + 1s);
        EXPECT_TRUE(outcome.has_value());
        return outcome.value_or(Redrive::Outcome{});
    }

    const TopicPartition zero_{.topic = "order.events.DLT", .partition = 0};
    const TopicPartition one_{.topic = "order.events.DLT", .partition = 1};
    FakeBacklog backlog_;
    FakeClock clock_;
    bool broken_ = false;
    std::vector<kafka::OutgoingRecord> sent_;
};

TEST_F(RedriveTest, ALetterGoesBackAsItCame) {
    backlog_.add(zero_, "key", "payment-service");
    EXPECT_EQ(run().redriven, 1);
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_EQ(sent_[0].topic, "order.events");
    EXPECT_EQ(sent_[0].key, "key");
    EXPECT_EQ(sent_[0].value, "value");
    EXPECT_EQ(sent_[0].headers, (kafka::Headers{{"ce_id", "1"}}));
}

TEST_F(RedriveTest, ASecondRunSendsOnlyWhatHasComeSince) {
    backlog_.add(zero_, "a", "payment-service");
    backlog_.add(one_, "b", "payment-service");
    EXPECT_EQ(run().redriven, 2);
    EXPECT_EQ(run().redriven, 0);
    backlog_.add(one_, "c", "payment-service");
    EXPECT_EQ(run().redriven, 1);
    EXPECT_EQ(sent_.back().key, "c");
}

TEST_F(RedriveTest, LettersOfOtherGroupsArePassedOver) {
    backlog_.add(zero_, "a", "inventory-service");
    backlog_.add(zero_, "b", "payment-service");
    const auto outcome = run();
    EXPECT_EQ(outcome.redriven, 1);
    EXPECT_EQ(outcome.skipped, 1);
    EXPECT_EQ(outcome.waiting, 0);
    EXPECT_EQ(sent_.front().key, "b");
}

TEST_F(RedriveTest, TheLimitHoldsOverAllPartitionsAndTheRestWaits) {
    for (int i = 0; i < 300; ++i) backlog_.add(zero_, "a", "payment-service");
    for (int i = 0; i < 300; ++i) backlog_.add(one_, "b", "payment-service");
    const auto outcome = run({.topic = {}, .partition = {}, .key = {}, .limit = 450});
    EXPECT_EQ(outcome.redriven, 450);
    EXPECT_EQ(outcome.waiting, 150);
    EXPECT_EQ(run().redriven, 150);
}

TEST_F(RedriveTest, ChoosesByTopicAndPartition) {
    backlog_.add(zero_, "a", "payment-service");
    backlog_.add(one_, "b", "payment-service");
    EXPECT_EQ(run({.topic = "other", .partition = {}, .key = {}}).redriven, 0);
    EXPECT_EQ(run({.topic = "order.events", .partition = 1, .key = {}}).redriven, 1);
    EXPECT_EQ(sent_.front().key, "b");
    EXPECT_EQ(backlog_.committed[zero_], 0);
}

TEST_F(RedriveTest, AKeyLeavesTheRestWaiting) {
    backlog_.add(zero_, "a", "payment-service");
    backlog_.add(zero_, "b", "payment-service");
    EXPECT_EQ(run({.topic = {}, .partition = {}, .key = "b"}).redriven, 1);
    EXPECT_EQ(sent_.front().key, "b");
    EXPECT_EQ(run().redriven, 2) << "a was not forgotten";
}

TEST_F(RedriveTest, WhatCouldNotBePublishedIsNotMarkedAsRedriven) {
    backlog_.add(zero_, "a", "payment-service");
    broken_ = true;
    EXPECT_FALSE(redrive().run({}, clock_.now() + 1s));
    EXPECT_EQ(backlog_.committed[zero_], 0);
    broken_ = false;
    EXPECT_EQ(run().redriven, 1);
}

TEST_F(RedriveTest, StopsAtTheDeadline) {
    backlog_.add(zero_, "a", "payment-service");
    const auto outcome = redrive().run({}, clock_.now());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->redriven, 0);
    EXPECT_EQ(outcome->waiting, 1);
}

}  // namespace
}  // namespace platform::service
