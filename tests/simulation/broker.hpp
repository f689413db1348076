#pragma once
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace platform::simulation {

/// The broker: topics, partitions, groups with their committed offsets. What it has stored stays, unless it is told to
/// lose its tail. One thread.
class Broker {
public:
    Broker(Scheduler& scheduler, Random& random, const Faults& faults, Checker& checker)
        : scheduler_(scheduler), random_(random), faults_(faults), checker_(checker) {}

    void create_topic(const std::string& name, std::int32_t partitions);
    void append(const kafka::OutgoingRecord& record);
    /// Forgets up to `count` records at the end of each partition of `topic`, read or not.
    void lose_tail(const std::string& topic, std::size_t count);
    /// Lets every group read all topics again from the beginning.
    void replay();
    /// Moves all partitions to other members.
    void rebalance();
    /// True when every group has committed all there is.
    [[nodiscard]] bool all_read() const;
    [[nodiscard]] std::uint64_t records() const { return records_; }

    bool down = false;

    // For SimulatedConsumer.
    using Partitions = std::map<kafka::TopicPartition, std::int64_t>;  ///< with the position to begin at
    std::uint64_t join(const std::string& group, std::vector<std::string> topics, std::function<void()> wake);
    void leave(std::uint64_t member);
    /// The member is dead; the group learns of it when its session ends.
    void lose(std::uint64_t member);
    [[nodiscard]] std::uint64_t generation(std::uint64_t member) const;
    [[nodiscard]] Partitions assigned(std::uint64_t member) const;
    [[nodiscard]] bool owns(std::uint64_t member, const kafka::TopicPartition& partition) const;
    /// The record at `offset` if it has arrived yet; an offset beyond the end is put back to the end.
    [[nodiscard]] const kafka::Record* read(const kafka::TopicPartition& partition, std::int64_t& offset) const;
    void commit(std::uint64_t member, const kafka::TopicPartition& partition, std::int64_t next);

private:
    struct Stored {
        kafka::Record record;
        Instant visible;
    };
    struct Group {
        std::map<std::uint64_t, std::vector<std::string>> members;
        std::map<kafka::TopicPartition, std::uint64_t> owners;
        std::map<kafka::TopicPartition, std::int64_t> committed;
        std::uint64_t generation = 0;
    };
    struct Member {
        std::string group;
        std::function<void()> wake;
    };
    void assign(Group& group);
    [[nodiscard]] Group& group_of(std::uint64_t member) { return groups_.at(members_.at(member).group); }

    Scheduler& scheduler_;
    Random& random_;
    const Faults& faults_;
    Checker& checker_;
    std::map<kafka::TopicPartition, std::deque<Stored>> logs_;
    std::map<std::string, std::vector<kafka::TopicPartition>> topics_;
    std::map<std::string, Group> groups_;
    std::map<std::uint64_t, Member> members_;
    std::uint64_t last_member_ = 0;
    std::uint64_t records_ = 0;
};

/// A producer of one process: what it has not yet sent is lost with it, what is on its way arrives all the same, in its order
/// unless a fault lets it overtake.
class SimulatedProducer final : public kafka::Producer {
public:
    SimulatedProducer(Process& process, Broker& broker, Random& random, const Faults& faults, Duration timeout);
    ~SimulatedProducer() override;
    void on_delivery(DeliveryListener listener) override;
    [[nodiscard]] Result<void> send(const kafka::OutgoingRecord& record, Token token) override;
    void flush(Duration within) override;
    [[nodiscard]] bool ready() const override { return !broker_.down; }

private:
    /// Shared with the events that tell of fates, which may outlive the producer.
    struct Line {
        DeliveryListener listener;
        std::size_t in_flight = 0;
        bool open = true;
    };
    static void tell(Line& line, Token token, const Result<void>& fate);
    void travel(const std::shared_ptr<kafka::OutgoingRecord>& record, Token token, Instant deadline);

    Process& process_;
    Broker& broker_;
    Random& random_;
    const Faults& faults_;
    const Duration timeout_;
    std::shared_ptr<Line> line_ = std::make_shared<Line>();
    Instant last_arrival_;
};

/// A member of a group. Destroyed without close() it is missed only when its session ends.
class SimulatedConsumer final : public kafka::Consumer {
public:
    SimulatedConsumer(
        Process& process, Broker& broker, Random& random, const Faults& faults, const std::string& group,
        std::vector<std::string> topics
    );
    ~SimulatedConsumer() override;
    void on_records(std::function<void()> wake) { wake_ = std::move(wake); }

    [[nodiscard]] Result<std::vector<kafka::Record>> poll(std::size_t max_records, Duration wait) override;
    [[nodiscard]] Result<void> commit(std::span<const kafka::Record> last_of_each_partition) override;
    void rewind_and_pause(const kafka::Record& first) override;
    void resume(const kafka::TopicPartition& partition) override;
    void close() override;
    [[nodiscard]] std::vector<kafka::TopicPartition> assignment() const override;
    /// How long the last poll would have waited: zero when it had records.
    [[nodiscard]] Duration idle() const { return idle_; }

private:
    struct Position {
        std::int64_t next = 0;
        bool paused = false;
    };
    void follow_group();

    Process& process_;
    Broker& broker_;
    Random& random_;
    const Faults& faults_;
    std::function<void()> wake_;
    std::uint64_t member_ = 0;
    std::uint64_t generation_ = 0;
    std::map<kafka::TopicPartition, Position> held_;
    Duration idle_{0};
    bool closed_ = false;
};

}  // namespace platform::simulation
