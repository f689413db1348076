#include "shared/kafka/producer.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::wait_until;

/// librdkafka's broker in this process: it answers with the errors that a test asks for.
class MockCluster {
public:
    MockCluster() {
        std::array<char, 512> text{};
        host_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text.data(), text.size());
        cluster_ = rd_kafka_mock_cluster_new(host_, 1);
    }
    ~MockCluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(host_);
    }
    MockCluster(const MockCluster&) = delete;
    MockCluster& operator=(const MockCluster&) = delete;

    std::string bootstrap_servers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
    void create_topic(const std::string& name) { rd_kafka_mock_topic_create(cluster_, name.c_str(), 1, 1); }
    void fail_next(std::int16_t request, rd_kafka_resp_err_t error) {
        rd_kafka_mock_push_request_errors(cluster_, request, 1, error);
    }

private:
    rd_kafka_t* host_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kInitProducerId = 22;

class ProducerFatalTest : public testing::Test {
protected:
    std::unique_ptr<Producer> make() {
        ProducerOptions options;
        options.bootstrap_servers = cluster_.bootstrap_servers();
        options.client_id = "test";
        options.extra = {{"enable.gapless.guarantee", "true"}};  // a gap in the sequence is fatal then
        auto producer = make_producer(options, "order.events", registry_);
        producer->on_delivery(fates_.listener());
        return producer;
    }
    bool rebuilt() const {
        return registry_.scrape().find(
                   R"(kafka_producer_rebuild_total{application="test",client_id="test"} 1)"
               ) != std::string::npos;
    }

    MockCluster cluster_;
    metrics::Registry registry_{"test"};
    Fates fates_;
};

TEST_F(ProducerFatalTest, AProducerThatCannotGetItsIdIsMadeAgain) {
    cluster_.create_topic("order.events");
    cluster_.fail_next(kInitProducerId, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    const auto producer = make();
    EXPECT_TRUE(wait_until([&] { return rebuilt() && producer->ready(); }));
    ASSERT_TRUE(producer->send({.topic = "order.events", .key = "k", .value = "v", .headers = {}}, 1));
    producer->flush(20s);
    EXPECT_EQ(fates_.delivered(), 1U);
}

TEST_F(ProducerFatalTest, RecordsInFlightAreUnavailableAndLaterOnesArrive) {
    cluster_.create_topic("order.events");
    const auto producer = make();
    ASSERT_TRUE(wait_until([&] { return producer->ready(); }));
    cluster_.fail_next(kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    constexpr Producer::Token kRecords = 50;
    std::size_t refused = 0;
    for (Producer::Token token = 0; token < kRecords; ++token) {
        if (!producer->send({.topic = "order.events", .key = "k", .value = "v", .headers = {}}, token))
            ++refused;
    }
    producer->flush(20s);
    EXPECT_TRUE(wait_until([&] { return rebuilt() && producer->ready(); }));
    const auto fates = fates_.all();
    EXPECT_EQ(fates.size() + refused, kRecords);
    EXPECT_LT(fates_.delivered(), kRecords);
    for (const auto& [token, fate] : fates) {
        ASSERT_EQ(fate.size(), 1U) << "one fate each";
        if (fate.front()) continue;
        EXPECT_EQ(fate.front().error().kind, ErrorKind::Unavailable) << fate.front().error().what;
    }
    const auto before = fates_.delivered();
    ASSERT_TRUE(producer->send({.topic = "order.events", .key = "k", .value = "v", .headers = {}}, 1000));
    producer->flush(20s);
    EXPECT_EQ(fates_.delivered(), before + 1);
}

}  // namespace
}  // namespace platform::kafka
