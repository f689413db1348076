#include "shared/kafka/native.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <limits>
#include <stdexcept>

namespace platform::kafka::native {
namespace {

using namespace std::chrono_literals;

TEST(Native, ErrorCodesHaveTheKindThatTheirCauseAsksFor) {
    struct Case {
        rd_kafka_resp_err_t code;
        ErrorKind kind;
    };
    for (const auto& [code, kind] : {
             Case{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, ErrorKind::Timeout},
             Case{RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, ErrorKind::Timeout},
             Case{RD_KAFKA_RESP_ERR__TRANSPORT, ErrorKind::Unavailable},
             Case{RD_KAFKA_RESP_ERR__QUEUE_FULL, ErrorKind::Unavailable},
             Case{RD_KAFKA_RESP_ERR__FATAL, ErrorKind::Unavailable},
             Case{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, ErrorKind::Unavailable},
             Case{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ErrorKind::Unavailable},
             Case{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ErrorKind::Invalid},
             Case{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, ErrorKind::Invalid},
             Case{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ErrorKind::Denied},
             Case{RD_KAFKA_RESP_ERR__AUTHENTICATION, ErrorKind::Denied},
         }) {
        EXPECT_EQ(kind_of(code), kind) << rd_kafka_err2name(code);
        EXPECT_EQ(to_error(code, "x").kind, kind);
    }
    const std::string what = to_error(RD_KAFKA_RESP_ERR__TRANSPORT, "poll").what;
    EXPECT_TRUE(what.starts_with("poll: ")) << what;
    EXPECT_TRUE(what.ends_with("(_TRANSPORT)")) << what;
}

TEST(Native, WhatCannotBeAskedIsSaid) {
    Observer observer;
    Config config{merged("127.0.0.1:1", "me", {}, {}), observer};
    const Client client = config.open(Role::Producer);
    const auto described = describe(*client, "order.events", 50ms);
    ASSERT_FALSE(described.has_value());
    EXPECT_TRUE(retryable(described.error().kind)) << described.error().what;
    EXPECT_TRUE(described.error().what.starts_with("describe order.events: ")) << described.error().what;
    EXPECT_EQ(describe(*client, std::string(1000, 't'), 50ms).error().kind, ErrorKind::Invalid);

    const PartitionList offsets{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(offsets.get(), "order.events", 0)->offset = 7;
    const auto committed = commit(*client, *offsets, 50ms);
    ASSERT_FALSE(committed.has_value()) << "a producer has no group";
    EXPECT_TRUE(committed.error().what.starts_with("commit offsets: ")) << committed.error().what;
}

TEST(Native, DurationsAreRoundedUp) {
    EXPECT_EQ(to_millis(0ns), 0);
    EXPECT_EQ(to_millis(1ns), 1);
    EXPECT_EQ(to_millis(1500us), 2);
    EXPECT_EQ(to_millis(-5s), 0);
    EXPECT_EQ(to_millis(Duration::max()), std::numeric_limits<int>::max());
}

TEST(Native, ExtraPropertiesWinAndBadOnesAreNamed) {
    const auto all = merged("a:1", "me", {{"acks", "all"}}, {{"acks", "1"}, {"security.protocol", "ssl"}});
    EXPECT_EQ(all.at("acks"), "1");
    EXPECT_EQ(all.at("security.protocol"), "ssl");
    EXPECT_EQ(all.at("bootstrap.servers"), "a:1");
    EXPECT_EQ(all.at("client.id"), "me");
    Observer observer;
    try {
        Config config{{{"no.such.property", "1"}}, observer};
        FAIL() << "accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("no.such.property"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace platform::kafka::native
