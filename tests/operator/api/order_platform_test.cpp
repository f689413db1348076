#include "operator/api/order_platform.hpp"

#include <gtest/gtest.h>

namespace platform::api {
namespace {

OrderPlatform parse(const std::string& spec, const std::string& metadata = "") {
    const auto value = json::parse(
        R"({"metadata":{"name":"orders","namespace":"shop","generation":3)" + metadata + R"(},"spec":)" +
        spec + "}"
    );
    EXPECT_TRUE(value);
    auto platform = parse_order_platform(*value);
    EXPECT_TRUE(platform);
    return std::move(*platform);
}

TEST(OrderPlatformResource, AnEmptySpecHasTheDefaultsOfTheSchema) {
    const auto platform = parse("{}");
    EXPECT_EQ(platform.invalid, "");
    EXPECT_EQ(platform.generation, 3);
    const Spec& spec = platform.spec;
    EXPECT_FALSE(spec.suspend);
    EXPECT_EQ(spec.deletion_policy, DeletionPolicy::Retain);
    EXPECT_TRUE(spec.layers.infrastructure && spec.layers.platform && spec.layers.services);
    EXPECT_EQ(spec.pricing_mode, "client");
    EXPECT_EQ(spec.topics.partitions, 6);
    EXPECT_EQ(spec.topics.replication_factor, 1);
    EXPECT_FALSE(spec.kafka || spec.mysql || spec.redis || spec.tracing);
}

TEST(OrderPlatformResource, ReadsEveryField) {
    const auto platform = parse(R"({
        "suspend": true, "deletionPolicy": "Delete",
        "layers": {"infrastructure": {"enabled": false}, "platform": {"enabled": false}, "services": {"enabled": false}},
        "images": {"repositoryPrefix": "r/x", "tag": "9", "pullPolicy": "Always", "pullSecrets": ["s"]},
        "kafka": {"bootstrapServers": "k:9092"},
        "mysql": {"host": "m", "port": 3307, "adminSecretRef": {"name": "adm", "userKey": "u", "passwordKey": "p"}},
        "redis": {"host": "r", "port": 6380},
        "pricing": {"mode": "verify"},
        "tracing": {"endpoint": "http://c:4318", "samplingPercent": 25},
        "topics": {"partitions": 12, "replicationFactor": 3, "retentionHours": 1},
        "infrastructure": {"mysql": {"image": {"repository": "i", "tag": "t"}, "storage": {"size": "1Gi", "storageClassName": "c"}}},
        "services": [{"name": "order", "replicas": 3, "env": [{"name": "A", "value": "1"}, {"name": "B", "secretRef": {"name": "s", "key": "k"}}]}]
    })");
    EXPECT_EQ(platform.invalid, "");
    const Spec& spec = platform.spec;
    EXPECT_TRUE(spec.suspend);
    EXPECT_EQ(spec.deletion_policy, DeletionPolicy::Delete);
    EXPECT_FALSE(spec.layers.infrastructure || spec.layers.platform || spec.layers.services);
    EXPECT_EQ(spec.images.repository_prefix, "r/x");
    EXPECT_EQ(spec.images.pull_secrets, std::vector<std::string>{"s"});
    EXPECT_EQ(spec.kafka->bootstrap_servers, "k:9092");
    EXPECT_EQ(spec.mysql->port, 3307);
    EXPECT_EQ(spec.mysql->secret, "adm");
    EXPECT_EQ(spec.mysql->user_key, "u");
    EXPECT_EQ(spec.redis->port, 6380);
    EXPECT_EQ(spec.pricing_mode, "verify");
    EXPECT_EQ(spec.tracing->endpoint, "http://c:4318");
    EXPECT_EQ(spec.tracing->sampling_percent, 25);
    EXPECT_EQ(spec.topics.partitions, 12);
    EXPECT_EQ(spec.own_mysql.storage_class, "c");
    ASSERT_EQ(spec.services.size(), 1U);
    EXPECT_EQ(spec.services[0].replicas, 3);
    EXPECT_EQ(spec.services[0].env[0].value, "1");
    EXPECT_FALSE(spec.services[0].env[1].value);
    EXPECT_EQ(spec.services[0].env[1].secret_key, "k");
}

TEST(OrderPlatformResource, ReadsTheDigestsOfImages) {
    const std::string digest = "sha256:" + std::string(64, 'a');
    const auto platform = parse(
        R"({"images": {"digests": {"order": ")" + digest + R"("}},
            "infrastructure": {"redis": {"image": {"repository": "redis", "tag": "7", "digest": ")" + digest + R"("}}}})"
    );
    EXPECT_EQ(platform.invalid, "");
    EXPECT_EQ(platform.spec.images.digests, (std::map<std::string, std::string>{{"order", digest}}));
    EXPECT_EQ(platform.spec.own_redis.image_digest, digest);
    EXPECT_EQ(platform.spec.own_kafka.image_digest, "");
}

TEST(OrderPlatformResource, WhatIsNoDigestIsRefusedAndNeverLeavesAnImageToItsTag) {
    const std::string digits(64, 'a');
    for (const std::string& digest : {std::string(), digits, "sha256:" + digits.substr(1), "sha256:" + digits + "a", "sha256:" + digits.substr(1) + "A",
                                      "sha512:" + digits, "sha256:" + digits.substr(1) + "g"}) {
        SCOPED_TRACE(digest);
        EXPECT_EQ(
            parse(R"({"images": {"digests": {"payment": ")" + digest + R"("}}})").invalid,
            "spec.images.digests.payment has to be sha256: and 64 digits from 0 to f"
        );
        EXPECT_EQ(
            parse(R"({"infrastructure": {"mysql": {"image": {"digest": ")" + digest + R"("}}}})").invalid,
            "spec.infrastructure.mysql.image.digest has to be sha256: and 64 digits from 0 to f"
        );
    }
}

TEST(OrderPlatformResource, WhatTheSchemaShouldHaveRefusedIsNamed) {
    struct Case {
        const char* spec;
        const char* field;
    };
    for (const auto& [spec, field] : {
             Case{R"("text")", "spec"},
             Case{R"({"suspend": "yes"})", "spec.suspend"},
             Case{R"({"deletionPolicy": "Maybe"})", "spec.deletionPolicy"},
             Case{R"({"pricing": {"mode": "catalog"}})", "spec.pricing.mode"},
             Case{R"({"tracing": {"samplingPercent": 1}})", "spec.tracing.endpoint"},
             Case{R"({"tracing": {"endpoint": "http://c", "samplingPercent": 101}})", "spec.tracing.samplingPercent"},
             Case{R"({"topics": {"partitions": 0}})", "spec.topics.partitions"},
             Case{R"({"topics": {"partitions": 1.5}})", "spec.topics.partitions"},
             Case{R"({"topics": {"partitions": 5000000000}})", "spec.topics.partitions"},
             Case{R"({"mysql": {"host": "m"}})", "spec.mysql.adminSecretRef"},
             Case{R"({"kafka": {}})", "spec.kafka.bootstrapServers"},
             Case{R"({"images": {"digests": "sha256:1"}})", "spec.images.digests"},
             Case{R"({"images": {"digests": {"gateway": 1}}})", "spec.images.digests.gateway"},
             Case{R"({"security": {"tls": {"enabled": "yes"}}})", "spec.security.tls.enabled"},
             Case{
                 R"({"security": {"tls": {"enabled": true}}, "kafka": {"bootstrapServers": "k:1"}, "redis": {"host": "r"},
                     "mysql": {"host": "m", "adminSecretRef": {"name": "s"}}})",
                 "spec.security.tls.existingSecret"
             },
             Case{R"({"redis": {"host": "r", "port": 70000}})", "spec.redis.port"},
             Case{R"({"services": [{"replicas": 1}]})", "spec.services.name"},
             Case{R"({"services": [{"name": "order", "replicas": -1}]})", "spec.services.replicas"},
             Case{R"({"services": "order"})", "spec.services"},
             Case{
                 R"({"services": [{"name": "order", "env": [{"value": "1"}]}]})",
                 "spec.services[order].env.name"
             },
             Case{R"({"services": [{"name": "order", "values": []}]})", "spec.services[order].values"},
             Case{R"({"services": [{"name": "order", "values": {"image": {}}}]})", "spec.services[order].values.image"},
             Case{R"({"services": [{"name": "order", "values": {"env": {}}}]})", "spec.services[order].values.env"},
             Case{R"({"services": [{"name": "order", "values": {"resuorces": {}}}]})", "spec.services[order].values.resuorces"},
             Case{
                 R"({"services": [{"name": "order"}, {"name": "payment", "values": {"resources": {}, "serviceAccount": {}}}]})",
                 "spec.services[payment].values.serviceAccount"
             },
         }) {
        SCOPED_TRACE(spec);
        EXPECT_TRUE(parse(spec).invalid.starts_with(std::string(field) + " has to be"))
            << parse(spec).invalid;
    }
}

TEST(OrderPlatformResource, FurtherValuesOfTheChartAreKeptAsTheyStand) {
    const auto platform = parse(
        R"({"services": [{"name": "order", "values": {"resources": {"limits": {"memory": "1Gi"}}, "extraEnv": [], "podSecurityContext": {"runAsUser": null}}}]})"
    );
    EXPECT_EQ(platform.invalid, "");
    EXPECT_EQ(
        platform.spec.services.at(0).values,
        (std::map<std::string, std::string>{
            {"extraEnv", "[]"},
            {"podSecurityContext", R"({"runAsUser":null})"},
            {"resources", R"({"limits":{"memory":"1Gi"}})"},
        })
    );
}

TEST(OrderPlatformResource, AnObjectWithoutANameIsRefused) {
    const auto value = json::parse(R"({"metadata":{"name":"a"},"spec":{}})");
    EXPECT_FALSE(parse_order_platform(*value));
}

TEST(OrderPlatformResource, SeesDeletionFinalizersAndAnnotations) {
    const auto platform = parse(
        "{}", R"(,"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["x","orderplatform.io/operator"],
        "annotations":{"orderplatform.io/force-orphan":"true","orderplatform.io/released-at":"2026"})"
    );
    EXPECT_TRUE(platform.deleting);
    EXPECT_TRUE(platform.has_finalizer());
    EXPECT_TRUE(platform.force_orphan);
    EXPECT_EQ(platform.released_at, "2026");
}

TEST(OrderPlatformResource, ReadsTheStatusThatItWrites) {
    Status status;
    status.observed_generation = 4;
    status.summary = {.services = "5/5", .topics = "8/8", .databases = "4/4"};
    status.conditions.push_back(
        {.type = "Ready",
         .status = Truth::True,
         .reason = "Succeeded",
         .message = "it's \"fine\"",
         .observed_generation = 4,
         .last_transition = "t"}
    );
    status.releases.push_back({.name = "order", .revision = 7, .ready = "1/1"});
    json::Writer out;
    out.begin_object()
        .key("metadata")
        .begin_object()
        .field("name", "a")
        .field("namespace", "b")
        .end_object()
        .key("status");
    write_status(out, status);
    out.end_object();
    const auto value = json::parse(out.text());
    ASSERT_TRUE(value);
    EXPECT_EQ(parse_order_platform(*value)->status, status);
    EXPECT_EQ(status.revision_of("order"), 7);
    EXPECT_EQ(status.revision_of("none"), 0);
}

}  // namespace
}  // namespace platform::api
