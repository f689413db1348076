#include "shared/kafka/admin.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "tests/shared/kafka/contract.hpp"
#include "tests/shared/kafka/secure_broker.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using Kind = Grant::Kind;
using Operation = Grant::Operation;
using Protocol = Security::Protocol;
using test::wait_until;

class KafkaSecurityTest : public testing::Test {
protected:
    /// As a service comes to be: reads `own_`, writes to `out_`.
    KafkaSecurityTest() {
        broker_.give(
            user_,
            "right",
            {{.kind = Kind::Topic, .name = own_, .operation = Operation::Read},
             {.kind = Kind::Topic, .name = out_, .operation = Operation::Write},
             {.kind = Kind::Group, .name = group_, .operation = Operation::Read}}
        );
    }
    Result<std::vector<TopicState>> look(const std::string& listener, const Security& security) {
        Admin admin(broker_.broker.address(listener), security.properties(), 5s);
        return admin.describe({own_}, {});
    }
    std::unique_ptr<Consumer> consumer(const std::string& group, const std::string& topic) {
        return broker_.consumer(group, topic, broker_.security(user_, "right"), registry_);
    }
    /// True when polling comes to say this.
    static bool comes_to_say(Consumer& consumer, const std::string& text) {
        return wait_until([&] {
            const auto batch = consumer.poll(1, 100ms);
            return !batch && batch.error().what.contains(text);
        });
    }

    SecureBroker& broker_ = SecureBroker::instance();
    metrics::Registry registry_{"test"};
    const std::string user_ = broker_.broker.fresh_name("service");
    const std::string group_ = broker_.broker.fresh_name("group");
    const std::string own_ = broker_.broker.fresh_topic("own");
    const std::string out_ = broker_.broker.fresh_topic("out");
};

TEST_F(KafkaSecurityTest, TheRightUserIsLetInAndAnyoneElseIsDenied) {
    const auto welcome = look("GOOD", broker_.security(user_, "right"));
    ASSERT_TRUE(welcome) << welcome.error().what;
    EXPECT_EQ(welcome->size(), 1U);

    Security other_mechanism = broker_.security(user_, "right");
    other_mechanism.mechanism = "SCRAM-SHA-256";
    for (const Security& wrong : {broker_.security(user_, "wrong"), broker_.security("nobody", "right"), other_mechanism}) {
        const auto refused = look("GOOD", wrong);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::Denied) << refused.error().what;
        EXPECT_TRUE(refused.error().what.contains("SASL authentication error")) << refused.error().what;
        EXPECT_FALSE(refused.error().what.contains(wrong.password)) << refused.error().what;
    }
}

TEST_F(KafkaSecurityTest, ABrokerThatCannotBeTrustedIsNotSpokenTo) {
    const Security trusting = {.protocol = Protocol::Ssl, .ca_file = broker_.authority.ca()};
    Security stranger = broker_.security(user_, "right");
    stranger.ca_file = broker_.stranger.ca();
    struct Case {
        const char* what;
        const char* listener;
        Security security;
    };
    for (const auto& [what, listener, security] : {
             Case{"another name", "ELSEWHERE", trusting},
             Case{"long past", "PAST", trusting},
             Case{"unknown authority", "GOOD", stranger},
         }) {
        SCOPED_TRACE(what);
        const auto refused = look(listener, security);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable) << refused.error().what;
        EXPECT_TRUE(refused.error().what.contains("certificate verify failed")) << refused.error().what;
        RecordProperty(what, refused.error().what);
    }
    const auto plain = look("GOOD", {});
    ASSERT_FALSE(plain) << "a plain client";
    EXPECT_TRUE(retryable(plain.error().kind)) << plain.error().what;
}

TEST_F(KafkaSecurityTest, AForeignTopicCannotBeRead) {
    const std::string foreign = broker_.broker.fresh_topic("foreign");
    const auto reader = consumer(group_, foreign);
    EXPECT_TRUE(comes_to_say(*reader, "TOPIC_AUTHORIZATION_FAILED"));
}

TEST_F(KafkaSecurityTest, AForeignGroupCannotBeJoined) {
    const auto reader = consumer(broker_.broker.fresh_name("group"), own_);
    EXPECT_TRUE(comes_to_say(*reader, "GROUP_AUTHORIZATION_FAILED"));
}

TEST_F(KafkaSecurityTest, WhatMayBeReadMayNotBeWritten) {
    ProducerOptions options;
    options.bootstrap_servers = broker_.broker.address("GOOD");
    options.client_id = "test";
    options.extra = broker_.security(user_, "right").properties();
    const auto producer = make_producer(options, out_, registry_);
    Fates fates;
    producer->on_delivery(fates.listener());
    ASSERT_TRUE(producer->send({.topic = out_, .key = "k", .value = "v", .headers = {}}, 1));
    ASSERT_TRUE(producer->send({.topic = own_, .key = "k", .value = "v", .headers = {}}, 2));
    producer->flush(60s);
    auto met = fates.all();
    ASSERT_EQ(met[1].size(), 1U);
    EXPECT_TRUE(met[1].front()) << met[1].front().error().what;
    ASSERT_EQ(met[2].size(), 1U);
    ASSERT_FALSE(met[2].front());
    EXPECT_EQ(met[2].front().error().kind, ErrorKind::Invalid) << met[2].front().error().what;
    EXPECT_TRUE(met[2].front().error().what.contains("TOPIC_AUTHORIZATION_FAILED")) << met[2].front().error().what;
}

}  // namespace
}  // namespace platform::kafka
