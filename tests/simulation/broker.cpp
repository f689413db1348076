#include "tests/simulation/broker.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <utility>

namespace platform::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kSession = seconds(6);
constexpr std::size_t kMostBytes = 1'000'000;  // of a record, as librdkafka's message.max.bytes

std::size_t partition_of(const std::string& key, std::size_t count) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : key) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    return hash % count;
}

}  // namespace

void Broker::create_topic(const std::string& name, std::int32_t partitions) {
    for (std::int32_t i = 0; i < partitions; ++i) {
        topics_[name].push_back({.topic = name, .partition = i});
        logs_[topics_[name].back()];
    }
}

void Broker::append(const kafka::OutgoingRecord& record) {
    const auto topic = topics_.find(record.topic);
    CHECK(topic != topics_.end(), "records go to topics that exist");
    // The map's own key: it stays where it is.
    const auto place = logs_.find(topic->second[partition_of(record.key, topic->second.size())]);
    const auto& partition = place->first;
    auto& log = place->second;
    Instant visible = scheduler_.now() + random_.delay(faults_.network, faults_.worst_network);
    if (!log.empty()) visible = std::max(visible, log.back().visible);
    const auto now = std::chrono::duration_cast<milliseconds>(scheduler_.clock().wall().time_since_epoch()).count();
    log.push_back(
        {.record =
             {.topic = partition.topic,
              .partition = partition.partition,
              .offset = static_cast<std::int64_t>(log.size()),
              .timestamp_millis = now,
              .key = record.key,
              .value = record.value,
              .headers = record.headers},
         .visible = visible}
    );
    ++records_;
    checker_.appended(log.back().record);
    scheduler_.at(visible, [this, &partition] {
        for (const auto& [name, group] : groups_) {
            const auto owner = group.owners.find(partition);
            if (owner == group.owners.end()) continue;
            if (const auto member = members_.find(owner->second); member != members_.end()) member->second.wake();
        }
    });
}

void Broker::lose_tail(const std::string& topic, std::size_t count) {
    for (const auto& partition : topics_.at(topic)) {
        auto& log = logs_.at(partition);
        for (std::size_t i = 0; i < count && !log.empty(); ++i) log.pop_back();
        for (auto& [name, group] : groups_) {
            if (const auto committed = group.committed.find(partition); committed != group.committed.end()) {
                committed->second = std::min(committed->second, static_cast<std::int64_t>(log.size()));
            }
        }
    }
    rebalance();  // whoever was beyond the end begins again at what is left
}

void Broker::replay() {
    for (auto& [name, group] : groups_) {
        group.committed.clear();
        assign(group);
    }
}

void Broker::rebalance() {
    for (auto& [name, group] : groups_) assign(group);
}

bool Broker::all_read() const {
    for (const auto& [name, group] : groups_) {
        if (group.members.empty()) return false;
        for (const auto& topic : group.members.begin()->second) {
            for (const auto& partition : topics_.at(topic)) {
                const auto committed = group.committed.find(partition);
                const auto next = committed == group.committed.end() ? 0 : committed->second;
                if (next < std::ssize(logs_.at(partition))) return false;
            }
        }
    }
    return true;
}

std::uint64_t Broker::join(const std::string& group, std::vector<std::string> topics, std::function<void()> wake) {
    const std::uint64_t member = ++last_member_;
    members_[member] = {.group = group, .wake = std::move(wake)};
    groups_[group].members[member] = std::move(topics);
    assign(groups_[group]);
    return member;
}

void Broker::leave(std::uint64_t member) {
    if (!members_.contains(member)) return;
    Group& group = group_of(member);
    group.members.erase(member);
    members_.erase(member);
    assign(group);
}

void Broker::lose(std::uint64_t member) {
    if (const auto found = members_.find(member); found != members_.end()) found->second.wake = [] {};
    scheduler_.after(kSession, [this, member] { leave(member); });
}

void Broker::assign(Group& group) {
    ++group.generation;
    group.owners.clear();
    if (group.members.empty()) return;
    std::vector<std::uint64_t> members;
    for (const auto& [member, topics] : group.members) members.push_back(member);
    std::size_t turn = random_.below(members.size());
    for (const auto& topic : group.members.begin()->second) {
        for (const auto& partition : topics_.at(topic)) group.owners[partition] = members[turn++ % members.size()];
    }
    for (const std::uint64_t member : members) members_.at(member).wake();
}

std::uint64_t Broker::generation(std::uint64_t member) const {
    const auto found = members_.find(member);
    return found == members_.end() ? 0 : groups_.at(found->second.group).generation;
}

Broker::Partitions Broker::assigned(std::uint64_t member) const {
    Partitions partitions;
    const auto found = members_.find(member);
    if (found == members_.end()) return partitions;
    const Group& group = groups_.at(found->second.group);
    for (const auto& [partition, owner] : group.owners) {
        if (owner != member) continue;
        const auto committed = group.committed.find(partition);
        partitions[partition] = committed == group.committed.end() ? 0 : committed->second;
    }
    return partitions;
}

bool Broker::owns(std::uint64_t member, const kafka::TopicPartition& partition) const {
    const auto found = members_.find(member);
    if (found == members_.end()) return false;
    const auto& owners = groups_.at(found->second.group).owners;
    const auto owner = owners.find(partition);
    return owner != owners.end() && owner->second == member;
}

const kafka::Record* Broker::read(const kafka::TopicPartition& partition, std::int64_t& offset) const {
    const auto& log = logs_.at(partition);
    offset = std::min(offset, static_cast<std::int64_t>(log.size()));
    if (offset >= std::ssize(log)) return nullptr;
    const Stored& stored = log[static_cast<std::size_t>(offset)];
    return stored.visible <= scheduler_.now() ? &stored.record : nullptr;
}

void Broker::commit(std::uint64_t member, const kafka::TopicPartition& partition, std::int64_t next) {
    auto& committed = group_of(member).committed[partition];
    committed = std::max(committed, std::min(next, static_cast<std::int64_t>(logs_.at(partition).size())));
}

SimulatedProducer::SimulatedProducer(
    Process& process, Broker& broker, Random& random, const Faults& faults, Duration timeout
)
    : process_(process), broker_(broker), random_(random), faults_(faults), timeout_(timeout) {}

SimulatedProducer::~SimulatedProducer() {
    line_->open = false;
}

void SimulatedProducer::on_delivery(DeliveryListener listener) {
    line_->listener = std::move(listener);
}

void SimulatedProducer::tell(Line& line, Token token, const Result<void>& fate) {
    if (!line.open) return;
    --line.in_flight;
    line.listener(token, fate);
}

Result<void> SimulatedProducer::send(const kafka::OutgoingRecord& record, Token token) {
    process_.point();
    if (record.value.size() > kMostBytes) return fail(ErrorKind::Invalid, "the record is too large");
    if (random_.chance(faults_.queue_full)) return fail(ErrorKind::Unavailable, "the queue is full");
    ++line_->in_flight;
    travel(std::make_shared<kafka::OutgoingRecord>(record), token, process_.scheduler().now() + timeout_);
    return {};
}

void SimulatedProducer::travel(
    const std::shared_ptr<kafka::OutgoingRecord>& record, Token token, Instant deadline
) {
    Scheduler& scheduler = process_.scheduler();
    const auto timeout = [line = line_, token] {
        tell(*line, token, fail(ErrorKind::Timeout, "the broker has not acknowledged in time"));
    };
    if (random_.chance(faults_.send_lost)) return scheduler.at(deadline, timeout);
    const bool lost_answer = random_.chance(faults_.ack_lost);
    const bool twice = random_.chance(faults_.sent_twice);
    const Duration back = random_.delay(faults_.network, faults_.worst_network);
    Instant arrival = scheduler.now() + random_.delay(faults_.network, faults_.worst_network);
    if (!random_.chance(faults_.overtaken)) arrival = std::max(arrival, last_arrival_ + Duration{1});
    last_arrival_ = std::max(last_arrival_, arrival);
    scheduler.at(
        arrival,
        [&broker = broker_, &scheduler, line = line_, record, token, deadline, timeout, lost_answer, twice, back] {
            if (broker.down) return scheduler.at(deadline, timeout);
            broker.append(*record);
            if (twice) broker.append(*record);
            if (lost_answer) return scheduler.at(deadline, timeout);
            scheduler.after(back, [line, token] { tell(*line, token, {}); });
        }
    );
}

void SimulatedProducer::flush(Duration within) {
    Scheduler& scheduler = process_.scheduler();
    const Instant end = scheduler.now() + within;
    while (line_->in_flight > 0 && scheduler.now() < end && !scheduler.ended()) scheduler.run_for(milliseconds(10));
    process_.point();
}

SimulatedConsumer::SimulatedConsumer(
    Process& process, Broker& broker, Random& random, const Faults& faults, const std::string& group,
    std::vector<std::string> topics
)
    : process_(process), broker_(broker), random_(random), faults_(faults) {
    member_ = broker_.join(group, std::move(topics), [this] {
        if (wake_) wake_();
    });
}

SimulatedConsumer::~SimulatedConsumer() {
    if (!closed_) broker_.lose(member_);
}

/// What a rebalance has changed shows here. Every partition begins again where its group has committed.
void SimulatedConsumer::follow_group() {
    const std::uint64_t generation = broker_.generation(member_);
    if (generation == generation_) return;
    generation_ = generation;
    const auto assigned = broker_.assigned(member_);
    held_.clear();
    for (const auto& [partition, committed] : assigned) {
        held_.try_emplace(partition, Position{.next = committed, .paused = false});
    }
}

Result<std::vector<kafka::Record>> SimulatedConsumer::poll(std::size_t max_records, Duration wait) {
    process_.point();
    idle_ = wait;
    std::vector<kafka::Record> batch;
    if (closed_) return batch;
    if (broker_.down || random_.chance(faults_.poll_failed)) {
        return fail(ErrorKind::Unavailable, "the broker is away");
    }
    follow_group();
    if (held_.empty()) return batch;
    auto at = std::next(held_.begin(), static_cast<std::ptrdiff_t>(random_.below(held_.size())));
    for (std::size_t i = 0; i < held_.size(); ++i) {
        auto& [partition, position] = *at;
        while (!position.paused && batch.size() < max_records) {
            const kafka::Record* record = broker_.read(partition, position.next);
            if (record == nullptr) break;
            batch.push_back(*record);
            ++position.next;
        }
        if (++at == held_.end()) at = held_.begin();
    }
    if (!batch.empty()) idle_ = Duration{0};
    return batch;
}

Result<void> SimulatedConsumer::commit(std::span<const kafka::Record> last_of_each_partition) {
    process_.point();
    if (closed_) return {};
    if (broker_.down || random_.chance(faults_.commit_failed)) {
        return fail(ErrorKind::Unavailable, "the commit failed");
    }
    for (const auto& record : last_of_each_partition) {
        const kafka::TopicPartition partition{.topic = record.topic, .partition = record.partition};
        // Somebody else's partition is skipped, and so is one that came back before this member has polled again.
        const bool current = broker_.generation(member_) == generation_;
        if (current && broker_.owns(member_, partition)) broker_.commit(member_, partition, record.offset + 1);
    }
    return {};
}

void SimulatedConsumer::rewind_and_pause(const kafka::Record& first) {
    const auto held = held_.find({.topic = first.topic, .partition = first.partition});
    if (held == held_.end()) return;
    held->second = {.next = first.offset, .paused = true};
}

void SimulatedConsumer::resume(const kafka::TopicPartition& partition) {
    if (const auto held = held_.find(partition); held != held_.end()) held->second.paused = false;
}

void SimulatedConsumer::close() {
    if (closed_) return;
    closed_ = true;
    held_.clear();
    broker_.leave(member_);
}

std::vector<kafka::TopicPartition> SimulatedConsumer::assignment() const {
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& [partition, position] : held_) partitions.push_back(partition);
    return partitions;
}

}  // namespace platform::simulation
