#pragma once
#include "shared/core/result.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace platform::kafka {

/// Topics and committed offsets in memory, and the ways in which a broker fails. One thread.
class FakeBroker {
public:
    void create_topic(const std::string& name, std::int32_t partitions);
    /// Gives the offset. The topic has to exist.
    std::int64_t
    append(const TopicPartition& partition, std::string key, std::string value, Headers headers = {});

    [[nodiscard]] const std::vector<Record>& log(const TopicPartition& partition) const;
    [[nodiscard]] std::vector<TopicPartition> partitions_of(const std::string& topic) const;
    /// 0 when nothing was committed.
    [[nodiscard]] std::int64_t committed(const std::string& group, const TopicPartition& partition) const;
    void commit(const std::string& group, const TopicPartition& partition, std::int64_t offset);

    bool down = false;  ///< every call fails as Unavailable

private:
    std::map<TopicPartition, std::vector<Record>> logs_;
    std::map<std::pair<std::string, TopicPartition>, std::int64_t> committed_;
};

/// A member that holds all partitions of its topics until revoke() takes some. One thread.
class FakeConsumer final : public Consumer {
public:
    FakeConsumer(FakeBroker& broker, std::string group, const std::vector<std::string>& topics);

    Result<std::vector<Record>> poll(std::size_t max_records, Duration wait) override;
    Result<void> commit(std::span<const Record> last_of_each_partition) override;
    void rewind_and_pause(const Record& first) override;
    void resume(const TopicPartition& partition) override;
    void close() override;
    std::vector<TopicPartition> assignment() const override;

    /// What a rebalance does; it shows at the next poll. An assigned partition starts at the committed
    /// offset, not paused.
    void revoke(const TopicPartition& partition);
    void assign(const TopicPartition& partition);

    int commits_to_fail = 0;  ///< so many of the next ones are Unavailable
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] bool paused(const TopicPartition& partition) const;
    [[nodiscard]] Duration last_wait() const { return last_wait_; }

private:
    struct Position {
        std::int64_t next = 0;
        std::optional<std::int64_t> first;  // delivered since assigned
        bool paused = false;
    };

    FakeBroker& broker_;
    const std::string group_;
    std::map<TopicPartition, Position> held_;
    bool closed_ = false;
    Duration last_wait_{0};
};

/// Appends at once; reports fates in flush() or when told to. One thread.
class FakeProducer final : public Producer {
public:
    explicit FakeProducer(FakeBroker& broker) : broker_(broker) {}

    void on_delivery(DeliveryListener listener) override { listener_ = std::move(listener); }
    Result<void> send(const OutgoingRecord& record, Token token) override;
    void flush(Duration within) override;
    bool ready() const override { return !broker_.down; }

    static constexpr std::size_t kMaxBytes = 1'000'000;
    std::size_t max_queue = 100'000;

private:
    FakeBroker& broker_;
    DeliveryListener listener_;
    std::vector<std::pair<OutgoingRecord, Token>> queue_;
};

}  // namespace platform::kafka
