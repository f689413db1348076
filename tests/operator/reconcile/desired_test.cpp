#include "operator/reconcile/desired.hpp"

#include "tests/operator/reconcile/fake_world.hpp"

#include <gtest/gtest.h>

namespace platform::reconcile {
namespace {

TEST(Desired, AnEmptySpecWantsTheWholePlatform) {
    const auto desired = desired_state({}, test::defaults(), {});
    std::vector<std::string> order;
    for (const auto& release : desired.releases) order.push_back(release.name);
    EXPECT_EQ(
        order,
        (std::vector<std::string>{
            "infrastructure", "order", "payment", "inventory", "notification", "gateway"
        })
    );
    EXPECT_EQ(desired.topics.size(), 8U);
    EXPECT_EQ(desired.databases.size(), 4U);
    EXPECT_EQ(desired.claims, (std::vector<std::string>{"data-kafka-0", "data-mysql-0", "data-redis-0"}));
    for (const auto& release : desired.releases) EXPECT_TRUE(release.enabled) << release.name;
}

TEST(Desired, EveryTopicHasADeadLetterTopicOfTheSameSize) {
    api::Spec spec;
    spec.topics = {.partitions = 9, .replication_factor = 3, .retention_hours = 2};
    const auto desired = desired_state(spec, test::defaults(), {});
    for (const auto name : event_topics()) {
        for (const std::string suffix : {"", ".DLT"}) {
            const auto topic =
                std::ranges::find(desired.topics, std::string(name) + suffix, &TopicWanted::name);
            ASSERT_NE(topic, desired.topics.end()) << name << suffix;
            EXPECT_EQ(topic->partitions, 9);
            EXPECT_EQ(topic->replication_factor, 3);
            EXPECT_EQ(topic->config.at("retention.ms"), "7200000");
        }
    }
}

TEST(Desired, UsersAreNamedAfterTheServiceAndHaveASecretEach) {
    const auto desired = desired_state({}, test::defaults(), {});
    const auto& order = desired.databases.front();
    EXPECT_EQ(order.name, "orders_db");
    EXPECT_EQ(order.user, "order");
    EXPECT_EQ(order.ddl_user, "order_ddl");
    EXPECT_EQ(order.secret, "order-mysql");
    EXPECT_EQ(order.ddl_secret, "order-mysql-ddl");
}

TEST(Desired, WhatIsGivenIsNotInstalled) {
    api::Spec spec;
    spec.kafka = api::ExternalKafka{.bootstrap_servers = "k:9092"};
    auto desired = desired_state(spec, test::defaults(), {});
    EXPECT_EQ(desired.releases.front().workloads, (std::vector<std::string>{"mysql", "redis"}));
    EXPECT_EQ(desired.claims.size(), 2U);
    spec.mysql = api::ExternalMysql{.host = "m", .secret = "s"};
    spec.redis = api::ExternalRedis{.host = "r"};
    desired = desired_state(spec, test::defaults(), {});
    EXPECT_FALSE(desired.releases.front().enabled);
    EXPECT_EQ(secret_names(spec).front(), "s");
}

TEST(Desired, TheDigestChangesWithChartValuesAndSecretsAndWithNothingElse) {
    const auto digest = [](const api::Spec& spec,
                           const Defaults& defaults,
                           const std::map<std::string, SecretSeen>& secrets,
                           std::size_t release) {
        return desired_state(spec, defaults, secrets).releases[release].digest;
    };
    const api::Spec spec;
    const std::string order = digest(spec, test::defaults(), {}, 1);
    EXPECT_EQ(digest(spec, test::defaults(), {}, 1), order);
    auto newer = test::defaults();
    newer.chart_digests["service"] = "s2";
    EXPECT_NE(digest(spec, newer, {}, 1), order);
    EXPECT_EQ(digest(spec, newer, {}, 0), digest(spec, test::defaults(), {}, 0));
    EXPECT_NE(digest(spec, test::defaults(), {{"order-mysql", {.version = "2"}}}, 1), order);
    EXPECT_EQ(digest(spec, test::defaults(), {{"payment-mysql", {.version = "2"}}}, 1), order);
    api::Spec other;
    other.images.tag = "2";
    EXPECT_NE(digest(other, test::defaults(), {}, 1), order);
}

}  // namespace
}  // namespace platform::reconcile
