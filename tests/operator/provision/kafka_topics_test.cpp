#include "operator/provision/kafka_topics.hpp"

#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

namespace platform::provision {
namespace {

using reconcile::TopicWanted;

class KafkaTopicsTest : public testing::Test {
protected:
    [[nodiscard]] std::vector<reconcile::TopicSeen> seen(const std::vector<TopicWanted>& wanted) {
        auto all = topics_.observe(servers_, wanted);
        EXPECT_TRUE(all) << all.error().what;
        return all ? *all : std::vector<reconcile::TopicSeen>{};
    }
    /// The controller answers; the broker that is asked learns of it a little later.
    bool comes_to_be(const TopicWanted& topic) {
        return test::wait_until([&] {
            const auto found = seen({topic});
            return found.size() == 1 && found[0].partitions == topic.partitions &&
                   found[0].config == topic.config;
        });
    }
    reconcile::KafkaLogin servers_{.bootstrap_servers = test::KafkaBroker::instance().bootstrap_servers()};
    KafkaTopics topics_{std::chrono::seconds(20)};
    std::vector<TopicWanted> wanted_{
        {.name = test::KafkaBroker::instance().fresh_name("events"),
         .partitions = 3,
         .replication_factor = 1,
         .config = {{"retention.ms", "3600000"}}},
        {.name = test::KafkaBroker::instance().fresh_name("events.DLT"),
         .partitions = 3,
         .replication_factor = 1,
         .config = {{"retention.ms", "3600000"}}}
    };
};

TEST_F(KafkaTopicsTest, CreatesGrowsConfiguresAndRemoves) {
    EXPECT_TRUE(seen(wanted_).empty());
    ASSERT_TRUE(topics_.create(servers_, wanted_));
    ASSERT_TRUE(topics_.create(servers_, wanted_)) << "it can be repeated";
    EXPECT_TRUE(comes_to_be(wanted_[0]));
    EXPECT_TRUE(comes_to_be(wanted_[1]));

    ASSERT_TRUE(topics_.grow(servers_, wanted_[0].name, 6));
    wanted_[0].partitions = 6;
    wanted_[0].config["retention.ms"] = "7200000";
    ASSERT_TRUE(topics_.configure(servers_, wanted_[0]));
    EXPECT_TRUE(comes_to_be(wanted_[0]));

    ASSERT_TRUE(topics_.remove(servers_, {wanted_[0].name, wanted_[1].name}));
    ASSERT_TRUE(topics_.remove(servers_, {wanted_[0].name, wanted_[1].name})) << "it can be repeated";
    EXPECT_TRUE(test::wait_until([&] { return seen(wanted_).empty(); }));
}

TEST_F(KafkaTopicsTest, NobodyThereIsAnErrorNotAnEmptyBroker) {
    KafkaTopics impatient(std::chrono::seconds(1));
    const auto all = impatient.observe({.bootstrap_servers = "127.0.0.1:1"}, wanted_);
    ASSERT_FALSE(all);
    EXPECT_TRUE(retryable(all.error().kind));
}

TEST_F(KafkaTopicsTest, ConnectsAgainAfterADisconnect) {
    EXPECT_TRUE(seen(wanted_).empty());
    topics_.disconnect();
    EXPECT_TRUE(seen(wanted_).empty());
}

}  // namespace
}  // namespace platform::provision
