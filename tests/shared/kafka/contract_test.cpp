#include "tests/shared/kafka/contract.hpp"

#include "tests/shared/kafka/fake_broker.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

class FakeDriver {
public:
    std::string topic(std::int32_t partitions) {
        broker_.create_topic("topic", partitions);
        return "topic";
    }
    std::string group() { return "group"; }
    Producer& producer() { return producer_; }
    std::unique_ptr<Consumer> consumer(const std::string& group, const std::string& topic) {
        return std::make_unique<FakeConsumer>(broker_, group, std::vector{topic});
    }

private:
    FakeBroker broker_;
    FakeProducer producer_{broker_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, KafkaContract, FakeDriver);

}  // namespace
}  // namespace platform::kafka
