#include "shared/kafka/consumer_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

const TopicPartition kFirst{.topic = "order.events", .partition = 0};
const TopicPartition kSecond{.topic = "order.events", .partition = 1};
constexpr std::string_view kStatistics =
    R"({"name":"x","cgrp":{"assignment_size":2},"topics":{"order.events":{"partitions":{
    "0":{"consumer_lag":7},"1":{"consumer_lag":-1},"2":{"consumer_lag":99},"-1":{"consumer_lag":-1}}}}})";

class ConsumerMetricsTest : public testing::Test {
protected:
    metrics::Registry registry_{"test"};
    ConsumerMetrics metrics_{registry_, "c-1", "payment-service"};
};

TEST_F(ConsumerMetricsTest, TellTheLagOfThePartitionsHeld) {
    metrics_.assigned({kFirst, kSecond});
    metrics_.statistics(kStatistics);
    const std::string text = registry_.scrape();
    EXPECT_THAT(
        text,
        HasSubstr(
            R"(kafka_consumer_fetch_manager_records_lag{application="test",client_id="c-1",group="payment-service",partition="0",topic="order.events"} 7)"
        )
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            R"(kafka_consumer_fetch_manager_records_lag_max{application="test",client_id="c-1",group="payment-service"} 7)"
        )
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            R"(kafka_consumer_coordinator_assigned_partitions{application="test",client_id="c-1",group="payment-service"} 2)"
        )
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            R"(kafka_consumer_coordinator_rebalance_total{application="test",client_id="c-1",group="payment-service"} 1)"
        )
    );
    EXPECT_THAT(text, Not(HasSubstr(R"(partition="2")"))) << "another member tells it";
    EXPECT_THAT(text, Not(HasSubstr(R"(partition="1")"))) << "it is not known yet";
}

TEST_F(ConsumerMetricsTest, WhereNothingWasReadYetAllRecordsAreTheLag) {
    metrics_.assigned({kFirst, kSecond});
    metrics_.statistics(R"({"topics":{"order.events":{"partitions":{
        "0":{"consumer_lag":-1,"committed_offset":-1001,"lo_offset":3,"hi_offset":10},
        "1":{"consumer_lag":-1,"committed_offset":5,"lo_offset":3,"hi_offset":10}}}}})");
    const std::string text = registry_.scrape();
    EXPECT_THAT(text, HasSubstr(R"(partition="0",topic="order.events"} 7)"));
    EXPECT_THAT(text, Not(HasSubstr(R"(partition="1")"))) << "it is not known yet";
    metrics_.statistics(R"({"topics":{"order.events":{"partitions":{
        "0":{"consumer_lag":-1,"committed_offset":-1001,"lo_offset":-1001,"hi_offset":-1001}}}}})");
    EXPECT_THAT(registry_.scrape(), HasSubstr(R"(partition="0",topic="order.events"} 7)")) << "it stays as it was";
}

TEST_F(ConsumerMetricsTest, ForgetTheLagOfPartitionsThatLeft) {
    metrics_.assigned({kFirst});
    metrics_.statistics(kStatistics);
    metrics_.assigned({});
    const std::string text = registry_.scrape();
    EXPECT_THAT(text, HasSubstr(R"(partition="0",topic="order.events"} 0)"));
    EXPECT_THAT(
        text, HasSubstr(R"(records_lag_max{application="test",client_id="c-1",group="payment-service"} 0)")
    );
    EXPECT_THAT(
        text,
        HasSubstr(R"(assigned_partitions{application="test",client_id="c-1",group="payment-service"} 0)")
    );
}

TEST_F(ConsumerMetricsTest, TakeStatisticsOfAnyShape) {
    metrics_.assigned({kFirst});
    for (const auto* text : {
             "",
             "null",
             "[]",
             "{}",
             R"({"topics":7})",
             R"({"topics":{"order.events":[]}})",
             R"({"topics":{"order.events":{"partitions":{"0":{"consumer_lag":"7"}}}}})",
             R"({"topics":{"order.events":{"partitions":{"0":{"consumer_lag":1.5}}}}})",
             R"({"topics":{"order.events":{"partitions":{"0":{"consumer_lag":1e99}}}}})",
         }) {
        metrics_.statistics(text);
    }
    EXPECT_THAT(registry_.scrape(), Not(HasSubstr("partition=\"0\"")));
}

TEST_F(ConsumerMetricsTest, CountRecords) {
    metrics_.consumed(3);
    metrics_.consumed(4);
    EXPECT_THAT(
        registry_.scrape(),
        HasSubstr(
            R"(kafka_consumer_fetch_manager_records_consumed_total{application="test",client_id="c-1",group="payment-service"} 7)"
        )
    );
}

}  // namespace
}  // namespace platform::kafka
