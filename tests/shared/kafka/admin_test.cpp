#include "shared/kafka/admin.hpp"

#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using test::KafkaBroker;
using test::wait_until;

class AdminTest : public testing::Test {
protected:
    std::string name() { return broker_.fresh_name("admin"); }
    /// The controller answers; the broker that is asked learns of it a little later.
    bool comes_to_be(const std::string& topic, const TopicState& wanted) {
        return wait_until([&] {
            const auto found = admin_.describe({topic}, {"retention.ms", "cleanup.policy"});
            return found && found->size() == 1 && found->front().partitions == wanted.partitions &&
                   found->front().config == wanted.config;
        });
    }
    bool comes_to_go(const std::string& topic) {
        return wait_until([&] {
            const auto found = admin_.describe({topic}, {});
            return found && found->empty();
        });
    }

    KafkaBroker& broker_ = KafkaBroker::instance();
    Admin admin_{broker_.bootstrap_servers(), {}, 10s};
};

TEST_F(AdminTest, CreatesGrowsConfiguresAndRemoves) {
    const auto topic = name();
    ASSERT_TRUE(admin_.create(
        {{.name = topic, .partitions = 3, .replication_factor = 1, .config = {{"retention.ms", "604800000"}}}}
    ));
    const std::map<std::string, std::string> config{
        {"cleanup.policy", "delete"}, {"retention.ms", "604800000"}
    };
    EXPECT_TRUE(comes_to_be(topic, {.name = topic, .partitions = 3, .config = config}));

    ASSERT_TRUE(admin_.grow_partitions(topic, 6));
    EXPECT_TRUE(comes_to_be(topic, {.name = topic, .partitions = 6, .config = config}));
    EXPECT_TRUE(admin_.grow_partitions(topic, 6)) << "a repeat has succeeded already";

    ASSERT_TRUE(admin_.set_config(topic, {{"retention.ms", "1000"}}));
    EXPECT_TRUE(comes_to_be(
        topic,
        {.name = topic, .partitions = 6, .config = {{"cleanup.policy", "delete"}, {"retention.ms", "1000"}}}
    ));
    ASSERT_TRUE(admin_.set_config(topic, {{"cleanup.policy", "compact"}}));
    EXPECT_TRUE(comes_to_be(
        topic,
        {.name = topic, .partitions = 6, .config = {{"cleanup.policy", "compact"}, {"retention.ms", "1000"}}}
    )) << "what was not named stays";

    ASSERT_TRUE(admin_.remove({topic}));
    EXPECT_TRUE(comes_to_go(topic));
    EXPECT_TRUE(admin_.remove({topic})) << "it is gone, as wanted";
}

TEST_F(AdminTest, ATopicThatExistsAlreadyIsNoFailureAndStaysAsItIs) {
    const auto topic = name();
    ASSERT_TRUE(admin_.create({{.name = topic, .partitions = 2, .replication_factor = 1, .config = {}}}));
    const auto other = name();
    EXPECT_TRUE(admin_.create({
        {.name = topic, .partitions = 5, .replication_factor = 1, .config = {}},
        {.name = other, .partitions = 1, .replication_factor = 1, .config = {}},
    }));
    EXPECT_TRUE(comes_to_be(
        topic,
        {.name = topic,
         .partitions = 2,
         .config = {{"cleanup.policy", "delete"}, {"retention.ms", "604800000"}}}
    ));
    EXPECT_TRUE(comes_to_be(
        other,
        {.name = other,
         .partitions = 1,
         .config = {{"cleanup.policy", "delete"}, {"retention.ms", "604800000"}}}
    ));
}

TEST_F(AdminTest, DescribesOnlyWhatExistsAndOnlyTheKeysAskedFor) {
    const auto topic = broker_.fresh_topic("admin", 2);
    const auto found = admin_.describe({"no-such-topic", topic}, {"retention.ms", "no.such.key"});
    ASSERT_TRUE(found) << found.error().what;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().name, topic);
    EXPECT_EQ(found->front().partitions, 2);
    EXPECT_EQ(found->front().config, (std::map<std::string, std::string>{{"retention.ms", "604800000"}}));
    EXPECT_TRUE(admin_.describe({}, {}).value().empty());
}

TEST_F(AdminTest, WhatCannotBeIsInvalid) {
    const auto topic = broker_.fresh_topic("admin", 2);
    const auto kind = [](const Result<void>& result) {
        return result ? "done" : to_string(result.error().kind);
    };
    EXPECT_STREQ(kind(admin_.grow_partitions(topic, 1)), "invalid");
    EXPECT_STREQ(kind(admin_.grow_partitions(topic, 0)), "invalid");
    EXPECT_STREQ(kind(admin_.set_config(topic, {{"no.such.key", "1"}})), "invalid");
    EXPECT_STREQ(kind(admin_.set_config(topic, {{"retention.ms", "soon"}})), "invalid");
    EXPECT_STREQ(
        kind(admin_.create({{.name = "with space", .partitions = 1, .replication_factor = 1, .config = {}}})),
        "invalid"
    );
    EXPECT_STREQ(
        kind(admin_.create({{.name = name(), .partitions = 1, .replication_factor = 3, .config = {}}})),
        "invalid"
    );
    EXPECT_STREQ(
        kind(admin_.create(
            {{.name = name(), .partitions = 1, .replication_factor = 1, .config = {{"no.such.key", "1"}}}}
        )),
        "invalid"
    );
    EXPECT_STREQ(
        kind(admin_.create({{.name = "", .partitions = 1, .replication_factor = 1, .config = {}}})), "invalid"
    );
    EXPECT_THROW((Admin{broker_.bootstrap_servers(), {{"no.such.property", "1"}}, 1s}), std::runtime_error);
}

TEST_F(AdminTest, WithoutABrokerEveryCallFailsInTimeAndNothingIsAbsent) {
    Admin nowhere{"127.0.0.1:" + std::to_string(test::free_port()), {}, 1s};
    const SystemClock clock;
    const Instant started = clock.now();
    const auto found = nowhere.describe({"order.events"}, {});
    ASSERT_FALSE(found);
    EXPECT_TRUE(retryable(found.error().kind)) << found.error().what;
    const auto created =
        nowhere.create({{.name = "x", .partitions = 1, .replication_factor = 1, .config = {}}});
    ASSERT_FALSE(created);
    EXPECT_TRUE(retryable(created.error().kind)) << created.error().what;
    EXPECT_FALSE(nowhere.remove({"x"}));
    EXPECT_FALSE(nowhere.grow_partitions("x", 2));
    EXPECT_FALSE(nowhere.set_config("x", {{"retention.ms", "1"}}));
    EXPECT_LT(clock.now() - started, 15s);
}

}  // namespace
}  // namespace platform::kafka
