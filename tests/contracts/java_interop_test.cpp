#include "shared/core/clock.hpp"
#include "shared/core/json.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/child_process.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/template_directory.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace platform {
namespace {

constexpr std::size_t kOrders = 200;
constexpr std::int32_t kPartitions = 6;

events::Event placed(UuidGenerator& ids, WallTime now) {
    const auto price = Money::parse("0.0001").value();
    return {
        .metadata =
            {.event_id = EventId{ids.next()},
             .correlation_id = "cpp-1",
             .causation_id = std::nullopt,
             .occurred_at = now,
             .source_service = "order-service",
             .version = events::kVersion},
        .order_id = OrderId{ids.next()},
        .payload =
            events::OrderCreated{
                .user_id = "Jürgen ☕", .product_id = "P-1001", .quantity = 1, .price = price, .amount = price, .currency = "EUR"
            },
    };
}

/// Kafka's own Java client and ours on one broker.
class JavaInterop : public testing::Test {
protected:
    /// Sends orders by our producer. By key.
    std::map<std::string, kafka::OutgoingRecord> send_ours(const std::string& topic) {
        kafka::ProducerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "interop";
        const auto producer = kafka::make_producer(options, topic, registry_);
        std::atomic<std::size_t> acknowledged = 0;
        producer->on_delivery([&](kafka::Producer::Token, const Result<void>& fate) {
            if (fate) ++acknowledged;
        });
        std::map<std::string, kafka::OutgoingRecord> sent;
        for (std::size_t i = 0; i < kOrders; ++i) {
            auto record = outbox::to_row(placed(ids_, clock_.wall()), topic).record;
            EXPECT_TRUE(producer->send(record, i));
            sent.emplace(record.key, std::move(record));
        }
        producer->flush(std::chrono::seconds(30));
        EXPECT_EQ(acknowledged, kOrders);
        return sent;
    }
    std::vector<kafka::Record> read(const std::string& topic) {
        kafka::ConsumerOptions options;
        options.bootstrap_servers = broker_.bootstrap_servers();
        options.client_id = "interop";
        options.group = broker_.fresh_name("interop");
        options.topics = {topic};
        const auto consumer = kafka::make_consumer(options, registry_);
        std::vector<kafka::Record> records;
        EXPECT_TRUE(test::wait_until(
            [&] {
                auto some = consumer->poll(1000, std::chrono::milliseconds(100));
                if (some) records.insert(records.end(), some->begin(), some->end());
                return records.size() >= kOrders;
            },
            std::chrono::seconds(60)
        ));
        consumer->close();
        return records;
    }
    /// What Java says it saw, one JSON value a record.
    std::vector<json::Value> run_java(const std::string& ours, const std::string& theirs) {
        const auto file = directory_.path() / "seen";
        const auto log = directory_.path() / "log";
        test::ChildProcess java;
        java.start({
            .arguments =
                {test::environment_or("JAVA", "java"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                 test::environment_or("KAFKA_LIBS", "/opt/kafka/libs") + "/*", INTEROP_JAVA, broker_.bootstrap_servers(), ours, theirs,
                 std::to_string(kOrders), file.string()},
            .environment = {},
            .log = log,
        });
        EXPECT_EQ(java.wait(), 0) << test::log_tail(log);
        std::vector<json::Value> seen;
        std::ifstream lines(file);
        for (std::string line; std::getline(lines, line);) {
            auto parsed = json::parse(line);
            EXPECT_TRUE(parsed) << line;
            if (parsed) seen.push_back(*std::move(parsed));
        }
        return seen;
    }

    test::KafkaBroker& broker_ = test::KafkaBroker::instance();
    test::TemporaryDirectory directory_{"interop"};
    SystemClock clock_;
    UuidGenerator ids_{clock_};
    metrics::Registry registry_{"test"};
};

TEST_F(JavaInterop, KeysPartitionsValuesAndHeadersAgreeBothWays) {
    const auto ours = broker_.fresh_topic("ours", kPartitions);
    const auto theirs = broker_.fresh_topic("theirs", kPartitions);
    const auto sent = send_ours(ours);
    const auto seen = run_java(ours, theirs);
    ASSERT_EQ(seen.size(), kOrders);
    std::map<std::string, std::string> partitions;
    std::set<std::string> used;
    for (const auto& record : seen) {
        const auto& original = sent.at(record.find("key")->text());
        EXPECT_EQ(record.find("value")->text(), original.value);
        EXPECT_EQ(record.find("type")->text(), "ORDER_CREATED");
        EXPECT_EQ(record.find("price")->text(), "0.0001") << "no digit of a price is lost";
        EXPECT_EQ(record.find("headers")->members().size(), original.headers.size());
        for (const auto& [name, value] : original.headers) {
            const auto* header = record.find("headers")->find(name);
            EXPECT_TRUE(header != nullptr && header->text() == value) << name;
        }
        partitions[original.key] = record.find("partition")->text();
        used.insert(record.find("partition")->text());
    }
    EXPECT_EQ(used.size(), static_cast<std::size_t>(kPartitions));

    const auto answers = read(theirs);
    ASSERT_EQ(answers.size(), kOrders);
    for (const auto& record : answers) {
        EXPECT_EQ(std::to_string(record.partition), partitions.at(record.key)) << "another partition for " << record.key;
        const auto decoded = events::decode(record.value);
        ASSERT_TRUE(decoded) << decoded.error().what;
        const auto& event = std::get<events::Event>(*decoded);
        EXPECT_EQ(event.order_id.text(), record.key);
        EXPECT_EQ(std::get<events::OrderCreated>(event.payload).amount, Money::parse("599.97").value());
        const std::map<std::string, std::string> headers(record.headers.begin(), record.headers.end());
        EXPECT_EQ(headers.at("ce_type"), "ORDER_CREATED");
        EXPECT_EQ(headers.at("written-by"), "Java · größer");
    }
}

}  // namespace
}  // namespace platform
