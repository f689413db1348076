#include "shared/kafka/producer.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/kafka/mock_cluster.hpp"
#include "tests/shared/outbox/fake_outbox_store.hpp"
#include "tests/shared/outbox/store_contract.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace platform::outbox {
namespace {

using namespace std::chrono_literals;

/// The client library gives up in the middle of a stream of rows; the producer is made again and every row is
/// acknowledged in the end.
TEST(RelayFatalTest, AFatalErrorOfTheProducerLosesNoRow) {
    kafka::MockCluster cluster;
    cluster.create_topic("order.events");
    metrics::Registry registry{"test"};
    const SystemClock clock;
    kafka::ProducerOptions producer_options;
    producer_options.bootstrap_servers = cluster.bootstrap_servers();
    producer_options.client_id = "test";
    producer_options.message_timeout = 5s;
    producer_options.extra = {{"enable.gapless.guarantee", "true"}};  // a gap in the sequence is fatal then
    const auto producer = kafka::make_producer(producer_options, "order.events", registry);
    FakeOutboxStore store(clock);
    Relay::Options options;
    options.claim = {.owner = "test", .lease = 10s};
    options.sweep_interval = 50ms;
    options.backoff = {.initial = 50ms, .ceiling = 200ms};
    Relay relay(options, store, *producer, clock, registry);
    ASSERT_TRUE(test::wait_until([&] { return producer->ready(); }));

    const auto commit = [&](int from, int to) {
        std::vector<OutboxRow> rows;
        for (int i = from; i < to; ++i) rows.push_back(row_named(std::to_string(i), "order.events"));
        store.insert(rows, relay.claim());
        relay.hand_over(std::move(rows));
    };
    commit(0, 100);
    cluster.fail_next(kafka::kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    commit(100, 200);
    const auto rebuilt = [&] {
        return registry.scrape().contains(R"(kafka_producer_rebuild_total{application="test",client_id="test"} 1)");
    };
    EXPECT_TRUE(test::wait_until(
        [&] {
            relay.step(clock.now());
            relay.sweep(clock.now());
            return rebuilt() && store.rows().empty();
        },
        40s
    )) << store.rows().size() << " rows left";
    EXPECT_TRUE(rebuilt()) << "or nothing was tested";
    relay.shut_down(1s);
}

}  // namespace
}  // namespace platform::outbox
