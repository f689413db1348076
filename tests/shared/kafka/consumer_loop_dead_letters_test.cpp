#include "shared/kafka/consumer_loop.hpp"
#include "tests/shared/kafka/fake_broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>
#include <string>

namespace platform::kafka {
namespace {

using testing::HasSubstr;

/// Refuses all records that say "bad" for good, and puts them aside while `database_up`.
class Refusing final : public BatchHandler {
public:
    Result<void> apply(std::span<const Record> batch) override {
        for (const Record& record : batch) {
            if (record.value == "bad") return fail(ErrorKind::Invalid, "cannot apply it");
        }
        return {};
    }
    Result<void> dead_letter(const Record& /*record*/, const Error& /*why*/) override {
        if (!database_up) return fail(ErrorKind::Unavailable, "no database");
        return {};
    }
    bool database_up = true;
};

TEST(ConsumerLoopDeadLetters, AreToldByTopicFromTheStart) {
    const TopicPartition orders{.topic = "order.events", .partition = 0};
    FakeClock clock;
    metrics::Registry registry{"test"};
    FakeBroker broker;
    broker.create_topic("order.events", 1);
    broker.create_topic("payment.events", 1);
    FakeConsumer consumer(broker, "order-service", {"order.events", "payment.events"});
    Refusing handler;
    ConsumerLoop loop({.name = "order-kafka", .topics = {"order.events", "payment.events"}}, consumer, handler, clock, registry);
    const auto told = [](const std::string& topic, int count) {
        return HasSubstr(std::format(
            "\nkafka_listener_dead_letters_total{{application=\"test\",name=\"order-kafka\",topic=\"{}\"}} {}\n", topic, count
        ));
    };
    EXPECT_THAT(registry.scrape(), told("order.events", 0)) << "an increase is seen only of what was there";

    for (const char* value : {"a", "bad", "c", "bad"}) broker.append(orders, "key", value);
    loop.step(clock.now());
    EXPECT_THAT(registry.scrape(), told("order.events", 2));
    EXPECT_THAT(registry.scrape(), told("payment.events", 0));

    handler.database_up = false;
    broker.append(orders, "key", "bad");
    loop.step(clock.now());
    EXPECT_THAT(registry.scrape(), told("order.events", 2)) << "it was not put aside";
}

}  // namespace
}  // namespace platform::kafka
