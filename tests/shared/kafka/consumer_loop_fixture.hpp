#pragma once
#include "shared/kafka/consumer_loop.hpp"
#include "tests/shared/kafka/fake_broker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace platform::kafka {

using namespace std::chrono_literals;

inline const TopicPartition kFirst{.topic = "order.events", .partition = 0};
inline const TopicPartition kSecond{.topic = "order.events", .partition = 1};

/// Applies by an answer that the test chooses for each call; keeps the values that were applied or
/// dead-lettered.
class ScriptedHandler final : public BatchHandler {
public:
    Result<void> apply(std::span<const Record> batch) override {
        calls.emplace_back();
        for (const Record& record : batch) calls.back().push_back(record.value);
        if (before_apply) before_apply();
        Result<void> answer = apply_answer ? apply_answer(batch) : Result<void>{};
        if (answer) applied.insert(applied.end(), calls.back().begin(), calls.back().end());
        return answer;
    }
    Result<void> dead_letter(const Record& record, const Error& why) override {
        Result<void> answer = dead_letter_answer ? dead_letter_answer(record) : Result<void>{};
        if (answer) {
            dead.push_back(record.value);
            reasons.push_back(why.what);
        }
        return answer;
    }

    std::function<void()> before_apply;
    std::function<Result<void>(std::span<const Record>)> apply_answer;
    std::function<Result<void>(const Record&)> dead_letter_answer;
    std::vector<std::vector<std::string>> calls;
    std::vector<std::string> applied;
    std::vector<std::string> dead;
    std::vector<std::string> reasons;
};

class ConsumerLoopTest : public testing::Test {
protected:
    ConsumerLoopTest() {
        broker_.create_topic("order.events", 2);
        consumer_ = std::make_unique<FakeConsumer>(broker_, "payment-service", std::vector<std::string>{"order.events"});
        loop_ = std::make_unique<ConsumerLoop>(options_, *consumer_, handler_, clock_, registry_);
    }

    void given(const TopicPartition& partition, const std::vector<std::string>& values) {
        for (const std::string& value : values) broker_.append(partition, "key", value);
    }
    Duration step() { return loop_->step(clock_.now()); }
    std::int64_t committed(const TopicPartition& partition) const {
        return broker_.committed("payment-service", partition);
    }
    /// Fails every batch that holds one of `values`.
    void refuse(const std::set<std::string>& values, ErrorKind kind) {
        handler_.apply_answer = [values, kind](std::span<const Record> batch) -> Result<void> {
            for (const Record& record : batch) {
                if (values.contains(record.value)) return fail(kind, "cannot apply " + record.value);
            }
            return {};
        };
    }

    ConsumerLoop::Options options_{
        .name = "payment-kafka",
        .max_batch = 10,
        .poll_wait = 100ms,
        .commit_pace = 0ms,
        .backoff = {.initial = 1s, .ceiling = 8s, .multiplier = 2.0, .jitter = 0.0},
    };
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    FakeBroker broker_;
    ScriptedHandler handler_;
    std::unique_ptr<FakeConsumer> consumer_;
    std::unique_ptr<ConsumerLoop> loop_;
};

}  // namespace platform::kafka
