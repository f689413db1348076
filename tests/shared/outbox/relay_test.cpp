#include "shared/outbox/relay.hpp"

#include "tests/shared/outbox/fake_outbox_store.hpp"
#include "tests/shared/outbox/store_contract.hpp"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <thread>

namespace platform::outbox {
namespace {

using namespace std::chrono_literals;

/// Keeps what it is sent until the test decides its fate. One thread.
class HeldProducer final : public kafka::Producer {
public:
    struct Sent {
        kafka::OutgoingRecord record;
        Token token = 0;
    };

    void on_delivery(DeliveryListener listener) override { listener_ = std::move(listener); }
    Result<void> send(const kafka::OutgoingRecord& record, Token token) override {
        if (record.value == refused_value) return fail(ErrorKind::Invalid, "too large");
        if (held.size() >= capacity) return fail(ErrorKind::Unavailable, "queue full");
        held.push_back({.record = record, .token = token});
        values.push_back(record.value);
        return {};
    }
    void flush(Duration /*within*/) override {
        if (deliver_on_flush) decide_all({});
    }
    [[nodiscard]] bool ready() const override { return true; }

    void decide(const Result<void>& fate) {
        const Sent sent = held.front();
        held.pop_front();
        listener_(sent.token, fate);
    }
    void decide_all(const Result<void>& fate) {
        while (!held.empty()) decide(fate);
    }
    void repeat_fate(Token token) { listener_(token, {}); }

    std::deque<Sent> held;            ///< sent, without a fate yet
    std::vector<std::string> values;  ///< all that was ever taken, in order
    std::size_t capacity = 1'000'000;
    std::string refused_value = "never";
    bool deliver_on_flush = true;

private:
    DeliveryListener listener_;
};

class RelayTest : public testing::Test {
protected:
    Relay& relay() {
        if (!relay_) {
            options.claim = {.owner = "me", .lease = 60s};
            options.backoff.jitter = 0;
            relay_.emplace(options, store, producer, clock, registry);
        }
        return *relay_;
    }
    /// Stores rows as a transaction does, and hands them over.
    void commit(const std::vector<std::string>& names) {
        std::vector<OutboxRow> rows;
        for (const std::string& name : names) rows.push_back(row_named(name));
        store.insert(rows, relay().claim());
        relay().hand_over(std::move(rows));
    }
    /// The same, with all rows in one row of the table.
    void commit_bundle(const std::vector<std::string>& names) {
        std::vector<OutboxRow> rows;
        for (const std::string& name : names) rows.push_back(row_named(name));
        bundle(rows);
        store.insert(rows, relay().claim());
        relay().hand_over(std::move(rows));
    }
    Duration step() { return relay().step(clock.now()); }
    /// Runs step() as its thread does until the deletes are due.
    void settle() {
        step();
        clock.advance(options.delete_delay);
        step();
    }
    [[nodiscard]] bool stored(const std::string& name) const { return store.rows().contains(Uuid::of_name(name)); }
    [[nodiscard]] bool scraped(const std::string& line) const {
        return registry.scrape().find(line) != std::string::npos;
    }

    FakeClock clock;
    FakeOutboxStore store{clock};
    HeldProducer producer;
    metrics::Registry registry{"test"};
    Relay::Options options;

private:
    std::optional<Relay> relay_;
};

TEST_F(RelayTest, SendsAtHandOverAndDeletesAfterTheAcknowledgement) {
    commit({"a"});
    EXPECT_EQ(producer.values, std::vector<std::string>{"value of a"});
    settle();
    EXPECT_TRUE(stored("a")) << "not acknowledged yet: a crash now has to find the row";
    producer.decide({});
    settle();
    EXPECT_FALSE(stored("a"));
    EXPECT_TRUE(scraped("outbox_sent_total{application=\"test\"} 1"));
}

TEST_F(RelayTest, DeletesManyRowsTogether) {
    options.delete_batch = 3;
    commit({"a", "b"});
    producer.decide_all({});
    EXPECT_GT(step(), Duration{0}) << "says when it wants to delete";
    EXPECT_EQ(store.removals(), 0) << "waits for more";
    commit({"c"});
    producer.decide_all({});
    step();
    EXPECT_EQ(store.removals(), 1);
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, SendsInTheOrderOfHandOver) {
    producer.capacity = 2;
    commit({"a", "b", "c"});
    commit({"d"});
    EXPECT_EQ(producer.values.size(), 2U) << "the producer's queue is full";
    EXPECT_LE(step(), 10ms) << "asks again soon";
    producer.capacity = 10;
    step();
    EXPECT_EQ(
        producer.values, (std::vector<std::string>{"value of a", "value of b", "value of c", "value of d"})
    );
}

TEST_F(RelayTest, NeverHasMoreInFlightThanItMay) {
    options.max_in_flight = 2;
    commit({"a", "b", "c", "d", "e"});
    EXPECT_EQ(producer.held.size(), 2U);
    producer.decide({});
    step();
    EXPECT_EQ(producer.held.size(), 2U);
    EXPECT_EQ(producer.values.size(), 3U);
    producer.decide_all({});
    step();
    producer.decide_all({});
    settle();
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, LeavesWhatDoesNotFitToTheSweeper) {
    options.max_queue = 2;
    producer.capacity = 0;
    commit({"a", "b", "c"});
    producer.capacity = 10;
    step();
    producer.decide_all({});
    settle();
    EXPECT_EQ(producer.values.size(), 2U);
    EXPECT_TRUE(stored("c"));
    relay().sweep(clock.now());
    EXPECT_EQ(producer.values.size(), 2U) << "its claim has not expired";
    clock.advance(61s);
    relay().sweep(clock.now());
    producer.decide_all({});
    settle();
    EXPECT_EQ(producer.values.back(), "value of c");
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, DropsRowsWhoseClaimCouldEndInFlight) {
    producer.capacity = 0;
    commit({"a"});
    clock.advance(31s);  // more than half of the lease
    producer.capacity = 10;
    step();
    EXPECT_TRUE(producer.values.empty());
    EXPECT_TRUE(stored("a"));
}

TEST_F(RelayTest, AFailedRowWaitsLongerEachTime) {
    commit({"a"});
    producer.decide(fail(ErrorKind::Timeout, "no broker"));
    step();
    auto row = store.rows().at(Uuid::of_name("a"));
    EXPECT_EQ(row.row.attempts, 1);
    EXPECT_EQ(row.last_error, "no broker");
    EXPECT_EQ(row.claimed_until - clock.now(), 1s);

    clock.advance(1s + 1us);
    relay().sweep(clock.now());
    producer.decide(fail(ErrorKind::Unavailable, "still none"));
    step();
    row = store.rows().at(Uuid::of_name("a"));
    EXPECT_EQ(row.row.attempts, 2);
    EXPECT_EQ(row.claimed_until - clock.now(), 2s);

    clock.advance(2s + 1us);
    relay().sweep(clock.now());
    producer.decide({});
    settle();
    EXPECT_TRUE(store.rows().empty());
    EXPECT_TRUE(scraped("outbox_failed_total{application=\"test\",kind=\"transient\"} 2"));
}

TEST_F(RelayTest, OneFailedRowHoldsUpNoOther) {
    commit({"a", "b", "c"});
    producer.decide({});
    producer.decide(fail(ErrorKind::Unavailable, "one of three"));
    producer.decide({});
    settle();
    EXPECT_EQ(store.rows().size(), 1U);
    EXPECT_TRUE(stored("b"));
}

TEST_F(RelayTest, ARowThatCanNeverBeSentIsKeptAndTriedSeldom) {
    producer.refused_value = "value of a";
    commit({"a", "b"});
    step();
    EXPECT_EQ(producer.values, std::vector<std::string>{"value of b"}) << "the next one goes on";
    EXPECT_EQ(store.rows().at(Uuid::of_name("a")).claimed_until - clock.now(), options.backoff.ceiling);
    EXPECT_TRUE(scraped("outbox_failed_total{application=\"test\",kind=\"invalid\"} 1"));

    producer.decide(fail(ErrorKind::Invalid, "refused by the broker"));
    step();
    EXPECT_TRUE(stored("b"));
    EXPECT_EQ(store.rows().at(Uuid::of_name("b")).claimed_until - clock.now(), options.backoff.ceiling);
}

TEST_F(RelayTest, SweepsPageByPageUntilAPageIsNotFull) {
    options.sweep_page = 2;
    std::vector<OutboxRow> rows;
    for (const char* name : {"a", "b", "c", "d", "e"}) rows.push_back(row_named(name));
    store.insert(rows, {.owner = "crashed", .lease = 60s});
    clock.advance(61s);
    EXPECT_EQ(relay().sweep(clock.now()), options.sweep_interval);
    EXPECT_EQ(producer.values.size(), 5U);
    producer.decide_all({});
    settle();
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, ASweepClaimsNoMoreThanTheQueueHasRoomFor) {
    options.max_queue = 3;
    producer.capacity = 0;
    std::vector<OutboxRow> rows;
    for (int i = 0; i < 10; ++i) rows.push_back(row_named(std::to_string(i)));
    store.insert(rows, {.owner = "crashed", .lease = 60s});
    clock.advance(61s);
    relay().sweep(clock.now());
    const auto stored_rows = store.rows();
    EXPECT_EQ(std::ranges::count_if(stored_rows, [](const auto& entry) { return entry.second.owner == "me"; }), 3);
}

TEST_F(RelayTest, TellsDepthAndAge) {
    producer.capacity = 0;
    commit({"a", "b"});
    clock.advance(7s);
    relay().sweep(clock.now());
    EXPECT_EQ(relay().oldest(), 7s);
    EXPECT_TRUE(scraped("outbox_rows{application=\"test\"} 2"));
    EXPECT_TRUE(scraped("outbox_oldest_age_seconds{application=\"test\"} 7"));
}

TEST_F(RelayTest, ADeleteThatFailsIsTriedAgain) {
    commit({"a"});
    producer.decide({});
    store.set_down(true);
    settle();
    store.set_down(false);
    EXPECT_TRUE(stored("a"));
    clock.advance(1s);
    step();
    EXPECT_FALSE(stored("a"));
}

TEST_F(RelayTest, WithoutTheDatabaseAFailedRowIsFoundByItsClaim) {
    commit({"a"});
    store.set_down(true);
    producer.decide(fail(ErrorKind::Unavailable, "no broker"));
    step();
    EXPECT_EQ(relay().sweep(clock.now()), options.sweep_interval);
    store.set_down(false);
    clock.advance(61s);
    relay().sweep(clock.now());
    EXPECT_EQ(producer.values.size(), 2U);
}

TEST_F(RelayTest, ABundleIsDeletedWhenItsLastRecordIsAcknowledged) {
    commit_bundle({"a", "b", "c"});
    EXPECT_EQ(producer.values.size(), 3U);
    EXPECT_EQ(store.rows().size(), 1U);
    producer.decide({});
    producer.decide({});
    settle();
    EXPECT_TRUE(stored("a")) << "a crash now has to find all three";
    producer.decide({});
    settle();
    EXPECT_TRUE(store.rows().empty());
    EXPECT_EQ(store.removals(), 1);
    EXPECT_TRUE(scraped("outbox_sent_total{application=\"test\"} 3"));
}

TEST_F(RelayTest, ABundleOfWhichNothingArrivedWaitsAsItIs) {
    commit_bundle({"a", "b"});
    producer.decide_all(fail(ErrorKind::Unavailable, "no broker"));
    step();
    ASSERT_EQ(store.rows().size(), 1U);
    EXPECT_EQ(store.rows().at(Uuid::of_name("a")).row.attempts, 1);
    EXPECT_TRUE(scraped("outbox_failed_total{application=\"test\",kind=\"transient\"} 2"));
    clock.advance(1s + 1us);
    relay().sweep(clock.now());
    EXPECT_EQ(producer.values.size(), 4U);
    producer.decide_all({});
    settle();
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, OfABundleThatArrivedInPartOnlyTheRestIsSentAgain) {
    commit_bundle({"a", "b", "c"});
    producer.decide({});
    producer.decide(fail(ErrorKind::Unavailable, "one of three"));
    producer.decide({});
    settle();
    EXPECT_EQ(store.rows().size(), 1U);
    EXPECT_TRUE(stored("b"));
    clock.advance(1s + 1us);
    relay().sweep(clock.now());
    EXPECT_EQ(producer.values.size(), 4U);
    EXPECT_EQ(producer.values.back(), "value of b");
}

TEST_F(RelayTest, ARecordThatCanNeverBeSentLeavesItsBundle) {
    producer.refused_value = "value of b";
    commit_bundle({"a", "b", "c"});
    producer.decide_all({});
    settle();
    EXPECT_EQ(store.rows().size(), 1U);
    EXPECT_EQ(store.rows().at(Uuid::of_name("b")).claimed_until - clock.now(), options.backoff.ceiling - options.delete_delay);
}

TEST_F(RelayTest, ABundleThatIsDroppedInPartIsLeftToTheSweeper) {
    producer.capacity = 1;
    commit_bundle({"a", "b"});
    producer.decide({});
    clock.advance(31s);
    settle();
    EXPECT_TRUE(stored("a")) << "b was not sent";
    producer.capacity = 10;
    clock.advance(31s);
    relay().sweep(clock.now());
    producer.decide_all({});
    settle();
    EXPECT_EQ(producer.values, (std::vector<std::string>{"value of a", "value of a", "value of b"}));
    EXPECT_TRUE(store.rows().empty());
}

TEST_F(RelayTest, AFateThatIsToldTwiceCountsOnce) {
    commit({"a"});
    const auto token = producer.held.front().token;
    producer.decide({});
    producer.repeat_fate(token);
    settle();
    EXPECT_TRUE(scraped("outbox_sent_total{application=\"test\"} 1"));
}

TEST_F(RelayTest, WakesItsWorkerOnlyWhenThereIsWork) {
    int woken = 0;
    relay().on_work([&] { ++woken; });
    commit({"a", "b"});
    EXPECT_EQ(woken, 0) << "sent already";
    producer.decide({});
    EXPECT_EQ(woken, 1) << "to delete";
    producer.decide({});
    EXPECT_EQ(woken, 1) << "that is known";
    settle();
    commit({"c"});
    producer.decide(fail(ErrorKind::Timeout, ""));
    EXPECT_EQ(woken, 2);
    producer.capacity = 0;
    commit({"d"});
    EXPECT_EQ(woken, 3) << "the producer's queue is full";
}

TEST_F(RelayTest, ShutDownSendsWhatItCanAndReleasesTheRest) {
    options.max_in_flight = 2;
    commit({"a", "b", "c"});
    relay().shut_down(5s);
    EXPECT_TRUE(store.rows().empty()) << "flushing makes room for the third";
    producer.deliver_on_flush = false;
    EXPECT_TRUE(scraped("outbox_sent_total{application=\"test\"} 3"));
}

TEST_F(RelayTest, ShutDownReleasesWhatHasNoFate) {
    producer.deliver_on_flush = false;
    options.max_in_flight = 1;
    commit({"a", "b"});
    relay().shut_down(5s);
    EXPECT_EQ(store.rows().size(), 2U);
    clock.advance(1us);
    auto rows = store.claim_expired(10, {.owner = "successor", .lease = 60s});
    EXPECT_EQ(rows.value().size(), 2U) << "another process can send them at once";
    commit({"late"});
    EXPECT_EQ(producer.values.size(), 1U) << "nothing is taken any more";
}

TEST_F(RelayTest, ManyThreadsMayHandOver) {
    // The fake producer is not thread-safe; the relay promises that one thread at a time sends.
    (void)relay();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([this, t] {
                for (int i = 0; i < 250; ++i) commit({std::to_string(t) + "/" + std::to_string(i)});
            });
        }
    }
    step();
    ASSERT_EQ(producer.values.size(), 1000U);
    for (int t = 0; t < 4; ++t) {
        std::vector<std::string> of_thread;
        const std::string prefix = "value of " + std::to_string(t) + "/";
        std::ranges::copy_if(producer.values, std::back_inserter(of_thread), [&](const auto& value) {
            return value.starts_with(prefix);
        });
        ASSERT_EQ(of_thread.size(), 250U);
        for (int i = 0; i < 250; ++i) ASSERT_EQ(of_thread[static_cast<std::size_t>(i)], prefix + std::to_string(i));
    }
    producer.decide_all({});
    settle();
    EXPECT_TRUE(store.rows().empty());
}

}  // namespace
}  // namespace platform::outbox
