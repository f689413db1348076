#include "shared/kafka/producer.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/contract.hpp"
#include "tests/shared/kafka/mock_cluster.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::wait_until;

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
