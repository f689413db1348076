#pragma once
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "tests/backends/kafka_broker.hpp"

#include <memory>
#include <string>

namespace platform::kafka {

/// The real broker of this test program, as the contract suite wants to see it. One thread.
class BrokerDriver {
public:
    test::KafkaBroker& broker() { return broker_; }
    metrics::Registry& registry() { return registry_; }

    std::string topic(std::int32_t partitions) { return broker_.fresh_topic("topic", partitions); }
    std::string group() { return broker_.fresh_name("group"); }

    ProducerOptions producer_options() {
        ProducerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "test";
        return options;
    }
    ConsumerOptions consumer_options(const std::string& group, const std::string& topic) {
        ConsumerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "test";
        options.group = group;
        options.topics = {topic};
        return options;
    }
    Producer& producer() {
        if (!producer_) producer_ = make_producer(producer_options(), "warm-up", registry_);
        return *producer_;
    }
    std::unique_ptr<Consumer> consumer(const std::string& group, const std::string& topic) {
        return make_consumer(consumer_options(group, topic), registry_);
    }

private:
    test::KafkaBroker& broker_ = test::KafkaBroker::instance();
    metrics::Registry registry_{"test"};
    std::unique_ptr<Producer> producer_;
};

}  // namespace platform::kafka
