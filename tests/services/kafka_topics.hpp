#pragma once
#include "shared/events/events.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::test {

/// The topics of one platform under names of their own on this test program's Kafka, with a writer and
/// readers. One thread.
class KafkaTopics {
public:
    KafkaTopics() {
        for (auto* topic : {&order, &payment, &inventory, &notification}) {
            *topic = broker_.fresh_topic("events");
            broker_.create_topic(*topic + std::string(events::kDeadLetterSuffix));
        }
        kafka::ProducerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "test";
        producer_ = kafka::make_producer(options, order, registry_);
        producer_->on_delivery([](kafka::Producer::Token, const Result<void>& fate) {
            EXPECT_TRUE(fate.has_value()) << (fate ? "" : fate.error().what);
        });
    }

    [[nodiscard]] std::map<std::string, std::string> settings() const {
        return {
            {"KAFKA_BOOTSTRAP_SERVERS", broker_.bootstrap_servers()},
            {"TOPIC_ORDER_EVENTS", order},
            {"TOPIC_PAYMENT_EVENTS", payment},
            {"TOPIC_INVENTORY_EVENTS", inventory},
            {"TOPIC_NOTIFICATION_EVENTS", notification},
        };
    }
    void send(const std::string& topic, const std::string& key, const std::string& value) {
        ASSERT_TRUE(producer_->send({.topic = topic, .key = key, .value = value, .headers = {}}, ++sent_));
    }
    void send(const std::string& topic, const events::Event& event) {
        send(topic, event.order_id.text(), events::encode(event));
    }
    /// The records of a topic from its start, as soon as there are `count`; a failed test when they do not
    /// come.
    [[nodiscard]] std::vector<kafka::Record> wait_for(const std::string& topic, std::size_t count) {
        kafka::ConsumerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "test";
        options.group = broker_.fresh_name("checker");
        options.topics = {topic};
        const auto consumer = kafka::make_consumer(options, registry_);
        std::vector<kafka::Record> records;
        EXPECT_TRUE(wait_until(
            [&] {
                auto some = consumer->poll(1000, std::chrono::milliseconds(100));
                if (some) records.insert(records.end(), some->begin(), some->end());
                return records.size() >= count;
            },
            std::chrono::seconds(60)
        )) << topic
           << " has " << records.size() << " records";
        consumer->close();
        return records;
    }

    std::string order;
    std::string payment;
    std::string inventory;
    std::string notification;

private:
    KafkaBroker& broker_ = KafkaBroker::instance();
    metrics::Registry registry_{"test"};
    std::unique_ptr<kafka::Producer> producer_;
    kafka::Producer::Token sent_ = 0;
};

/// The types of events in records, in their order.
[[nodiscard]] inline std::vector<std::string> types_of(const std::vector<kafka::Record>& records) {
    std::vector<std::string> types;
    for (const auto& record : records) {
        const auto decoded = events::decode(record.value);
        const auto* event = decoded ? std::get_if<events::Event>(&*decoded) : nullptr;
        types.emplace_back(event == nullptr ? "?" : events::type_name(event->payload));
    }
    return types;
}

}  // namespace platform::test
