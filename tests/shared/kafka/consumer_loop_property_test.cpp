#include "shared/kafka/consumer_loop.hpp"
#include "tests/shared/kafka/fake_broker.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 3;
constexpr int kRounds = 400;
const std::string kTopic = "order.events";
const std::string kGroup = "payment-service";

/// A database that fails at random and knows what it has seen. Applying a record again has no effect, as with
/// an inbox.
class Ledger final : public BatchHandler {
public:
    explicit Ledger(std::mt19937_64& random) : random_(random) {}

    Result<void> apply(std::span<const Record> batch) override {
        if (failing(0.2))
            return fail(random_() % 2 == 0 ? ErrorKind::Unavailable : ErrorKind::Timeout, "outage");
        for (const Record& record : batch) {
            if (record.value == "poison") return fail(ErrorKind::Invalid, "poison");
        }
        for (const Record& record : batch) settle(record);
        if (failing(0.05))
            return fail(ErrorKind::Timeout, "the answer was lost");  // applied, but nobody knows
        return {};
    }
    Result<void> dead_letter(const Record& record, const Error& /*why*/) override {
        if (failing(0.2)) return fail(ErrorKind::Unavailable, "outage");
        EXPECT_EQ(record.value, "poison") << "a good record became a dead letter";
        settle(record);
        return {};
    }

    [[nodiscard]] bool settled(const TopicPartition& partition, std::int64_t offset) const {
        const auto found = next_.find(partition);
        return found != next_.end() && offset < found->second;
    }
    [[nodiscard]] std::int64_t next(const TopicPartition& partition) { return next_[partition]; }
    bool calm = false;

private:
    bool failing(double probability) { return !calm && std::bernoulli_distribution{probability}(random_); }
    void settle(const Record& record) {
        auto& next = next_[{.topic = record.topic, .partition = record.partition}];
        ASSERT_LE(record.offset, next) << "a record was stepped over";
        if (record.offset == next) ++next;
    }

    std::mt19937_64& random_;
    std::map<TopicPartition, std::int64_t> next_;  // all below it have been settled, in order
};

class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) {
        broker_.create_topic(kTopic, kPartitions);
        restart();
    }

    void run() {
        for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
            disturb();
            loop_->step(clock_.now());
            clock_.advance(std::chrono::milliseconds(random_() % 500));
            check_offsets();
        }
        ledger_.calm = true;
        broker_.down = false;
        consumer_->commits_to_fail = 0;
        for (std::int32_t i = 0; i < kPartitions; ++i) {
            if (!holds(i)) consumer_->assign({.topic = kTopic, .partition = i});
        }
        for (int round = 0; round < 10 * kRounds && !testing::Test::HasFailure();
             ++round) {  // a batch may be one
            loop_->step(clock_.now());
            clock_.advance(1s);
        }
        check_offsets();
        for (const auto& partition : broker_.partitions_of(kTopic)) {
            EXPECT_EQ(ledger_.next(partition), std::ssize(broker_.log(partition))) << "records were left";
            EXPECT_EQ(broker_.committed(kGroup, partition), std::ssize(broker_.log(partition)));
        }
        EXPECT_EQ(loop_->failures_in_a_row(), 0);
    }

private:
    bool chance(double probability) { return std::bernoulli_distribution{probability}(random_); }
    bool holds(std::int32_t partition) const {
        const auto held = consumer_->assignment();
        return std::ranges::find(held, TopicPartition{.topic = kTopic, .partition = partition}) != held.end();
    }

    /// The process was killed: all that is in memory is gone.
    void restart() {
        loop_.reset();
        consumer_ = std::make_unique<FakeConsumer>(broker_, kGroup, std::vector<std::string>{kTopic});
        loop_ = std::make_unique<ConsumerLoop>(
            ConsumerLoop::Options{
                .name = "payment-kafka",
                .max_batch = 1 + (random_() % 8),
                .commit_pace = 50ms * static_cast<int>(random_() % 2),
                .backoff = {.initial = 100ms, .ceiling = 1s, .multiplier = 2.0, .jitter = 0.5},
            },
            *consumer_,
            ledger_,
            clock_,
            registry_
        );
    }

    void disturb() {
        const auto partition = static_cast<std::int32_t>(random_() % kPartitions);
        for (auto count = random_() % 6; count > 0; --count) {
            broker_.append({.topic = kTopic, .partition = partition}, "key", chance(0.1) ? "poison" : "good");
        }
        if (chance(0.05)) broker_.down = !broker_.down;
        if (chance(0.1)) consumer_->commits_to_fail = static_cast<int>(random_() % 3);
        if (chance(0.05)) restart();
        if (chance(0.1)) {
            const auto other = static_cast<std::int32_t>(random_() % kPartitions);
            if (holds(other)) {
                consumer_->revoke({.topic = kTopic, .partition = other});
            } else {
                consumer_->assign({.topic = kTopic, .partition = other});
            }
        }
    }

    void check_offsets() {
        for (const auto& partition : broker_.partitions_of(kTopic)) {
            const auto committed = broker_.committed(kGroup, partition);
            EXPECT_GE(committed, last_committed_[partition]) << "a committed offset went back";
            EXPECT_TRUE(committed == 0 || ledger_.settled(partition, committed - 1))
                << "committed beyond what was settled";
            last_committed_[partition] = committed;
        }
    }

    std::mt19937_64 random_;
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    FakeBroker broker_;
    Ledger ledger_{random_};
    std::map<TopicPartition, std::int64_t> last_committed_;
    std::unique_ptr<FakeConsumer> consumer_;
    std::unique_ptr<ConsumerLoop> loop_;
};

TEST(ConsumerLoopProperty, EveryRecordIsSettledInOrderAndNoOffsetRunsAhead) {
    const std::uint64_t base = std::random_device{}();
    for (std::uint64_t i = 0; i < 30; ++i) {
        const std::uint64_t seed = base + i;
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world{seed};
        world.run();
        if (HasFailure()) {
            ADD_FAILURE() << "seed " << seed;
            return;
        }
    }
}

}  // namespace
}  // namespace platform::kafka
