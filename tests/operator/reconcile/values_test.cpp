#include "operator/reconcile/values.hpp"

#include "operator/api/fields.hpp"
#include "tests/operator/reconcile/fake_world.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace platform::reconcile {
namespace {

using api::text_at;

json::Value values_of(const api::Spec& spec, const std::string& release) {
    const auto desired = desired_state(spec, test::defaults(), {{"order-mysql", {.version = "1"}}});
    const auto found = std::ranges::find(desired.releases, release, &ReleaseWanted::name);
    const auto parsed = json::parse(found->values);
    EXPECT_TRUE(parsed) << found->values;
    return *parsed;
}

TEST(Values, AServiceGetsItsBackendsByNameAndItsPasswordsByReference) {
    const auto order = values_of({}, "order");
    EXPECT_EQ(text_at(order, "env.KAFKA_BOOTSTRAP_SERVERS"), "kafka:9092");
    EXPECT_EQ(text_at(order, "env.MYSQL_HOST"), "mysql");
    EXPECT_EQ(text_at(order, "env.MYSQL_DATABASE"), "orders_db");
    EXPECT_EQ(text_at(order, "secretEnv.MYSQL_PASSWORD.secret"), "order-mysql");
    EXPECT_EQ(text_at(order, "migration.secretEnv.MYSQL_DDL_PASSWORD.secret"), "order-mysql-ddl");
    EXPECT_EQ(api::integer_at(order, "port"), 8081);
    EXPECT_EQ(text_at(order, "image.repositoryPrefix"), "here/platform");
    EXPECT_EQ(api::at(order, "env.MYSQL_PASSWORD"), nullptr);
}

TEST(Values, TlsReachesEveryPartThatHasAServer) {
    EXPECT_EQ(api::at(values_of({}, "order"), "tls"), nullptr);
    EXPECT_EQ(api::at(values_of({}, "infrastructure"), "tls"), nullptr);
    api::Spec spec;
    spec.tls = {.enabled = true, .existing_secret = "shop"};
    EXPECT_EQ(text_at(values_of(spec, "infrastructure"), "tls.existingSecret"), "shop");
    const auto order = values_of(spec, "order");
    EXPECT_EQ(text_at(order, "tls.caSecret.name"), "shop");
    EXPECT_EQ(api::at(order, "tls.servers")->items().size(), 2U);
    EXPECT_EQ(text_at(order, "secretEnv.KAFKA_SASL_USERNAME.secret"), "order-kafka");
    EXPECT_EQ(text_at(order, "secretEnv.KAFKA_SASL_PASSWORD.key"), "password");
    const auto gateway = values_of(spec, "gateway");
    ASSERT_EQ(api::at(gateway, "tls.servers")->items().size(), 1U);
    EXPECT_EQ(api::at(gateway, "tls.servers")->items().front().text(), "redis");
    EXPECT_EQ(api::at(gateway, "secretEnv.KAFKA_SASL_USERNAME"), nullptr);
}

TEST(Values, OnlyADatabaseOfOurOwnIsFilledForEvaluation) {
    EXPECT_NE(text_at(values_of({}, "inventory"), "env.INVENTORY_SEED").find("P-1001:"), std::string::npos);
    EXPECT_EQ(api::at(values_of({}, "order"), "env.INVENTORY_SEED"), nullptr);
    api::Spec external;
    external.mysql = api::ExternalMysql{.host = "mysql.example.com"};
    EXPECT_EQ(api::at(values_of(external, "inventory"), "env.INVENTORY_SEED"), nullptr);
}

TEST(Values, TheOrderServiceIsToldWhosePricesHold) {
    EXPECT_EQ(text_at(values_of({}, "order"), "env.PRICING_MODE"), "client");
    api::Spec spec;
    spec.pricing_mode = "verify";
    EXPECT_EQ(text_at(values_of(spec, "order"), "env.PRICING_MODE"), "verify");
    EXPECT_EQ(api::at(values_of(spec, "inventory"), "env.PRICING_MODE"), nullptr);
}

TEST(Values, EveryServiceIsToldWhereSpansGo) {
    EXPECT_EQ(api::at(values_of({}, "order"), "tracing"), nullptr);
    api::Spec spec;
    spec.tracing = api::Tracing{.endpoint = "http://collector:4318", .sampling_percent = 5};
    for (const char* name : {"gateway", "order", "payment", "inventory", "notification"}) {
        EXPECT_EQ(text_at(values_of(spec, name), "tracing.endpoint"), "http://collector:4318");
        EXPECT_EQ(api::at(values_of(spec, name), "tracing.samplingRatio")->text(), "0.05");
    }
}

TEST(Values, TheGatewayFindsTheServicesAndRedis) {
    const auto gateway = values_of({}, "gateway");
    EXPECT_EQ(text_at(gateway, "env.UPSTREAM_ORDER"), "order-headless:8081");
    EXPECT_EQ(text_at(gateway, "env.UPSTREAM_ORDER_SERVICE"), "order:8081");
    EXPECT_EQ(text_at(gateway, "env.UPSTREAM_NOTIFICATION"), "notification-headless:8084");
    EXPECT_EQ(text_at(gateway, "env.REDIS_HOST"), "redis");
    EXPECT_EQ(api::at(gateway, "migration"), nullptr);
    EXPECT_EQ(api::at(gateway, "env.MYSQL_HOST"), nullptr);
}

TEST(Values, TheResourceHasTheLastWord) {
    api::Spec spec;
    spec.images = {.repository_prefix = "r", .tag = "9", .pull_policy = "Always", .pull_secrets = {"s"}};
    spec.services.push_back(
        {.name = "order",
         .replicas = 4,
         .env =
             {{.name = "KAFKA_BOOTSTRAP_SERVERS", .value = "other:1"},
              {.name = "MYSQL_HOST", .value = std::nullopt, .secret = "x", .secret_key = "y"}}}
    );
    const auto order = values_of(spec, "order");
    EXPECT_EQ(text_at(order, "env.KAFKA_BOOTSTRAP_SERVERS"), "other:1");
    EXPECT_EQ(api::at(order, "env.MYSQL_HOST"), nullptr);
    EXPECT_EQ(text_at(order, "secretEnv.MYSQL_HOST.key"), "y");
    EXPECT_EQ(api::integer_at(order, "replicas"), 4);
    EXPECT_EQ(text_at(order, "image.tag"), "9");
    EXPECT_EQ(text_at(order, "image.pullPolicy"), "Always");
    EXPECT_EQ(text_at(values_of(spec, "payment"), "env.KAFKA_BOOTSTRAP_SERVERS"), "kafka:9092");
}

TEST(Values, ADigestReachesTheImageThatItIsOfAndNoOther) {
    const std::string digest = "sha256:" + std::string(64, 'a');
    api::Spec spec;
    spec.images.digests = {{"order", digest}};
    spec.own_redis = {.image_repository = "mine/redis", .image_tag = "8", .image_digest = digest};
    EXPECT_EQ(text_at(values_of(spec, "order"), "image.digest"), digest);
    EXPECT_EQ(api::at(values_of(spec, "payment"), "image.digest"), nullptr);
    const auto infrastructure = values_of(spec, "infrastructure");
    EXPECT_EQ(text_at(infrastructure, "redis.image.digest"), digest);
    EXPECT_EQ(api::at(infrastructure, "kafka.image.digest"), nullptr);
}

TEST(Values, FurtherValuesOfTheChartArePassedOn) {
    api::Spec spec;
    spec.services.push_back(
        {.name = "order",
         .replicas = 1,
         .env = {},
         .values = {{"resources", R"({"limits":{"memory":"1Gi"}})"}, {"autoscaling", R"({"enabled":true})"}}}
    );
    const auto order = values_of(spec, "order");
    EXPECT_EQ(text_at(order, "resources.limits.memory"), "1Gi");
    EXPECT_TRUE(api::flag_at(order, "autoscaling.enabled", false));
    EXPECT_EQ(api::integer_at(order, "port"), 8081);
    EXPECT_EQ(api::at(order, "resources.requests"), nullptr);
    EXPECT_EQ(api::at(values_of(spec, "payment"), "autoscaling"), nullptr);
}

TEST(Values, EveryServiceMayHaveTwiceTheMemoryThatItWasMeasuredToNeed) {
    for (const auto& [name, request, limit] : {std::tuple{"order", "52Mi", "104Mi"}, std::tuple{"payment", "34Mi", "68Mi"}, std::tuple{"gateway", "34Mi", "68Mi"}}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(text_at(values_of({}, name), "resources.requests.memory"), request);
        EXPECT_EQ(text_at(values_of({}, name), "resources.limits.memory"), limit);
    }
}

TEST(Values, InfrastructureTakesImagesAndStorage) {
    api::Spec spec;
    spec.own_kafka = {
        .image_repository = "mine/kafka", .image_tag = "5", .storage_size = "9Gi", .storage_class = ""
    };
    spec.redis = api::ExternalRedis{.host = "r"};
    const auto values = values_of(spec, "infrastructure");
    EXPECT_EQ(text_at(values, "kafka.image.repository"), "mine/kafka");
    EXPECT_EQ(text_at(values, "kafka.storage.size"), "9Gi");
    EXPECT_EQ(text_at(values, "mysql.image.repository"), "mysql");
    EXPECT_EQ(text_at(values, "mysql.image.tag"), "8.4");
    EXPECT_EQ(api::at(values, "mysql.storage"), nullptr);
    EXPECT_FALSE(api::flag_at(values, "redis.enabled", true));
    EXPECT_TRUE(api::flag_at(values, "kafka.enabled", false));
}

TEST(Values, EveryFieldOfTheResourceThatConcernsARelease_ChangesIt) {
    const auto all = [](const api::Spec& spec) {
        std::string text;
        for (const auto& release : desired_state(spec, test::defaults(), {}).releases)
            text += release.values + (release.enabled ? "1" : "0");
        for (const auto& topic : desired_state(spec, test::defaults(), {}).topics) {
            text += std::to_string(topic.partitions) + std::to_string(topic.replication_factor) +
                    topic.config.at("retention.ms");
        }
        return text;
    };
    const std::string plain = all({});
    const std::vector<std::function<void(api::Spec&)>> changes{
        [](auto& s) { s.layers.infrastructure = false; },
        [](auto& s) { s.layers.platform = false; },
        [](auto& s) { s.layers.services = false; },
        [](auto& s) { s.images.repository_prefix = "x"; },
        [](auto& s) { s.images.tag = "x"; },
        [](auto& s) { s.images.digests = {{"gateway", "sha256:x"}}; },
        [](auto& s) { s.images.pull_policy = "Never"; },
        [](auto& s) { s.images.pull_secrets = {"x"}; },
        [](auto& s) { s.kafka = api::ExternalKafka{"x:1"}; },
        [](auto& s) { s.mysql = api::ExternalMysql{.host = "x"}; },
        [](auto& s) { s.redis = api::ExternalRedis{.host = "x"}; },
        [](auto& s) { s.tracing = api::Tracing{.endpoint = "http://x"}; },
        [](auto& s) { s.topics.partitions = 7; },
        [](auto& s) { s.topics.replication_factor = 2; },
        [](auto& s) { s.topics.retention_hours = 2; },
        [](auto& s) { s.own_kafka.image_repository = "x"; },
        [](auto& s) { s.own_kafka.image_digest = "sha256:x"; },
        [](auto& s) { s.own_mysql.storage_size = "1Gi"; },
        [](auto& s) { s.own_redis.storage_class = "x"; },
        [](auto& s) { s.services = {{.name = "order", .replicas = 2, .env = {}}}; },
        [](auto& s) {
            s.services = {{.name = "gateway", .replicas = 1, .env = {{.name = "A", .value = "1"}}}};
        },
        [](auto& s) { s.services = {{.name = "gateway", .replicas = 1, .env = {}, .values = {{"affinity", "{}"}}}}; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        api::Spec spec;
        changes[i](spec);
        EXPECT_NE(all(spec), plain) << "change " << i << " is silently ignored";
    }
}

}  // namespace
}  // namespace platform::reconcile
