#include "tests/shared/kafka/fake_broker.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <functional>

namespace platform::kafka {

void FakeBroker::create_topic(const std::string& name, std::int32_t partitions) {
    for (std::int32_t i = 0; i < partitions; ++i) logs_.try_emplace({.topic = name, .partition = i});
}

std::int64_t
FakeBroker::append(const TopicPartition& partition, std::string key, std::string value, Headers headers) {
    auto& log = logs_.at(partition);
    log.push_back({
        .topic = partition.topic,
        .partition = partition.partition,
        .offset = static_cast<std::int64_t>(log.size()),
        .timestamp_millis = static_cast<std::int64_t>(log.size()),
        .key = std::move(key),
        .value = std::move(value),
        .headers = std::move(headers),
    });
    return log.back().offset;
}

const std::vector<Record>& FakeBroker::log(const TopicPartition& partition) const {
    return logs_.at(partition);
}

std::vector<TopicPartition> FakeBroker::partitions_of(const std::string& topic) const {
    std::vector<TopicPartition> found;
    for (const auto& [partition, log] : logs_) {
        if (partition.topic == topic) found.push_back(partition);
    }
    return found;
}

std::int64_t FakeBroker::committed(const std::string& group, const TopicPartition& partition) const {
    const auto found = committed_.find({group, partition});
    return found == committed_.end() ? 0 : found->second;
}

void FakeBroker::commit(const std::string& group, const TopicPartition& partition, std::int64_t offset) {
    committed_[{group, partition}] = offset;
}

FakeConsumer::FakeConsumer(FakeBroker& broker, std::string group, const std::vector<std::string>& topics)
    : broker_(broker), group_(std::move(group)) {
    for (const std::string& topic : topics) {
        for (const auto& partition : broker_.partitions_of(topic)) assign(partition);
    }
}

Result<std::vector<Record>> FakeConsumer::poll(std::size_t max_records, Duration wait) {
    last_wait_ = wait;
    if (closed_) return {};
    if (broker_.down) return fail(ErrorKind::Unavailable, "the broker is away");
    std::vector<Record> batch;
    for (auto& [partition, position] : held_) {
        const auto& log = broker_.log(partition);
        while (!position.paused && batch.size() < max_records && position.next < std::ssize(log)) {
            batch.push_back(log[static_cast<std::size_t>(position.next)]);
            if (!position.first) position.first = position.next;
            ++position.next;
        }
    }
    return batch;
}

Result<void> FakeConsumer::commit(std::span<const Record> last_of_each_partition) {
    if (closed_) return {};
    if (broker_.down) return fail(ErrorKind::Unavailable, "the broker is away");
    if (commits_to_fail > 0) {
        --commits_to_fail;
        return fail(ErrorKind::Unavailable, "the commit failed");
    }
    for (const Record& record : last_of_each_partition) {
        const TopicPartition partition{.topic = record.topic, .partition = record.partition};
        const auto held = held_.find(partition);
        if (held == held_.end() || !held->second.first || record.offset < *held->second.first) continue;
        if (record.offset < broker_.committed(group_, partition)) continue;
        broker_.commit(group_, partition, record.offset + 1);
    }
    return {};
}

void FakeConsumer::rewind_and_pause(const Record& first) {
    const auto held = held_.find({.topic = first.topic, .partition = first.partition});
    if (held == held_.end()) return;
    held->second.next = first.offset;
    held->second.paused = true;
}

void FakeConsumer::resume(const TopicPartition& partition) {
    if (const auto held = held_.find(partition); held != held_.end()) held->second.paused = false;
}

void FakeConsumer::close() {
    closed_ = true;
    held_.clear();
}

std::vector<TopicPartition> FakeConsumer::assignment() const {
    std::vector<TopicPartition> partitions;
    for (const auto& [partition, position] : held_) partitions.push_back(partition);
    return partitions;
}

void FakeConsumer::revoke(const TopicPartition& partition) {
    held_.erase(partition);
}

void FakeConsumer::assign(const TopicPartition& partition) {
    held_.insert_or_assign(
        partition,
        Position{.next = broker_.committed(group_, partition), .first = std::nullopt, .paused = false}
    );
}

bool FakeConsumer::paused(const TopicPartition& partition) const {
    const auto held = held_.find(partition);
    return held != held_.end() && held->second.paused;
}

Result<void> FakeProducer::send(const OutgoingRecord& record, Token token) {
    if (record.value.size() > kMaxBytes) return fail(ErrorKind::Invalid, "the record is too large");
    if (queue_.size() >= max_queue) return fail(ErrorKind::Unavailable, "the queue is full");
    queue_.emplace_back(record, token);
    return {};
}

void FakeProducer::flush(Duration /*within*/) {
    if (broker_.down) return;  // nothing arrives, and nothing has timed out yet
    for (auto& [record, token] : std::exchange(queue_, {})) {
        const auto partitions = broker_.partitions_of(record.topic);
        if (partitions.empty()) {
            listener_(token, fail(ErrorKind::Unavailable, "there is no such topic"));
            continue;
        }
        const auto& partition = partitions[std::hash<std::string>{}(record.key) % partitions.size()];
        broker_.append(partition, record.key, record.value, record.headers);
        listener_(token, {});
    }
}

}  // namespace platform::kafka
