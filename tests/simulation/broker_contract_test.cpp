#include "tests/shared/kafka/contract.hpp"
#include "tests/simulation/one_process.hpp"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The simulated broker keeps the contract that librdkafka with a real one keeps.
namespace platform::simulation {
namespace {

/// In the simulation a process waits for its consumer's next poll; here the poll itself lets time pass.
class WaitingConsumer final : public kafka::Consumer {
public:
    WaitingConsumer(Scheduler& scheduler, std::unique_ptr<SimulatedConsumer> consumer)
        : scheduler_(scheduler), consumer_(std::move(consumer)) {}
    [[nodiscard]] Result<std::vector<kafka::Record>> poll(std::size_t max_records, Duration wait) override {
        auto batch = consumer_->poll(max_records, wait);
        if (!batch || !batch->empty()) return batch;
        scheduler_.run_for(wait);
        return consumer_->poll(max_records, Duration{0});
    }
    [[nodiscard]] Result<void> commit(std::span<const kafka::Record> last_of_each_partition) override {
        return consumer_->commit(last_of_each_partition);
    }
    void rewind_and_pause(const kafka::Record& first) override { consumer_->rewind_and_pause(first); }
    void resume(const kafka::TopicPartition& partition) override { consumer_->resume(partition); }
    void close() override { consumer_->close(); }
    [[nodiscard]] std::vector<kafka::TopicPartition> assignment() const override { return consumer_->assignment(); }

private:
    Scheduler& scheduler_;
    std::unique_ptr<SimulatedConsumer> consumer_;
};

class BrokerDriver {
public:
    std::string topic(std::int32_t partitions) {
        world_.broker.create_topic("topic", partitions);
        return "topic";
    }
    std::string group() { return "group"; }
    kafka::Producer& producer() { return world_.producer; }
    std::unique_ptr<kafka::Consumer> consumer(const std::string& group, const std::string& topic) {
        return std::make_unique<WaitingConsumer>(
            world_.scheduler,
            std::make_unique<SimulatedConsumer>(world_.process, world_.broker, world_.random, world_.faults, group, std::vector{topic})
        );
    }

private:
    OneProcess world_;
};

}  // namespace
}  // namespace platform::simulation

namespace platform::kafka {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, KafkaContract, simulation::BrokerDriver);
}  // namespace platform::kafka
