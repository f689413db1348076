#include "operator/reconcile/desired.hpp"

#include "operator/reconcile/kafka_rights.hpp"
#include "operator/reconcile/values.hpp"
#include "shared/core/uuid.hpp"

#include <algorithm>
#include <array>

namespace platform::reconcile {
namespace {

constexpr std::array kServices{
    ServiceFacts{.name = "order", .database = "orders_db", .port = 8081, .memory_mib = 52},
    ServiceFacts{.name = "payment", .database = "payments_db", .port = 8082},
    ServiceFacts{.name = "inventory", .database = "inventory_db", .port = 8083},
    ServiceFacts{.name = "notification", .database = "notification_db", .port = 8084},
    ServiceFacts{
        .name = "gateway",
        .database = "",
        .port = 8080,
        .layer = Layer::Platform,
        .uses_kafka = false,
        .uses_redis = true
    },
};

constexpr std::array<std::string_view, 4> kTopics{
    "order.events",
    "payment.events",
    "inventory.events",
    "notification.events"
};

DatabaseWanted database_of(const ServiceFacts& service) {
    const std::string name(service.name);
    return {
        .name = std::string(service.database),
        .service = name,
        .user = name,
        .ddl_user = name + "_ddl",
        .secret = name + "-mysql",
        .ddl_secret = name + "-mysql-ddl"
    };
}

std::string digest_of(const std::string& chart, const std::string& values, const Defaults& defaults) {
    const auto content = defaults.chart_digests.find(chart);
    return Uuid::of_name((content == defaults.chart_digests.end() ? "" : content->second) + "\n" + values)
        .text();
}

void add_topics(Desired& desired, const api::Topics& topics) {
    constexpr std::int64_t kMillisPerHour = 3'600'000;
    for (const std::string_view name : kTopics) {
        for (const char* suffix : {"", ".DLT"}) {
            desired.topics.push_back(
                {.name = std::string(name) + suffix,
                 .partitions = static_cast<std::int32_t>(topics.partitions),
                 .replication_factor = static_cast<std::int32_t>(topics.replication_factor),
                 .config = {{"retention.ms", std::to_string(topics.retention_hours * kMillisPerHour)}}}
            );
        }
    }
}

std::string certificates_of(const api::Tls& tls) {
    return tls.existing_secret.empty() ? std::string(kOwnCertificates) : tls.existing_secret;
}

void add_backends(Desired& desired, const api::Spec& spec) {
    desired.kafka = {
        .own = !spec.kafka,
        .bootstrap_servers = spec.kafka ? spec.kafka->bootstrap_servers : "kafka:9092",
        .admin_secret = spec.tls.enabled ? std::string(kKafkaAdminSecret) : ""
    };
    if (spec.tls.enabled) {
        desired.tls = {.enabled = true, .secret = certificates_of(spec.tls)};
        desired.kafka_users = kafka_users();
    }
    if (spec.mysql) {
        desired.mysql = {
            .own = false,
            .host = spec.mysql->host,
            .port = spec.mysql->port,
            .admin_secret = spec.mysql->secret,
            .user_key = spec.mysql->user_key,
            .password_key = spec.mysql->password_key
        };
    } else {
        desired.mysql = {
            .own = true, .host = "mysql", .admin_secret = std::string(kRootSecret), .user_key = ""
        };
    }
    desired.redis = {
        .own = !spec.redis,
        .host = spec.redis ? spec.redis->host : "redis",
        .port = spec.redis ? spec.redis->port : 6379
    };
}

ReleaseWanted
infrastructure_release(const api::Spec& spec, const Defaults& defaults, const Desired& desired) {
    ReleaseWanted release{
        .name = std::string(kInfrastructure),
        .chart = std::string(kInfrastructure),
        .layer = Layer::Infrastructure,
        .values = infrastructure_values(spec, defaults, desired),
        .workload_kind = "StatefulSet"
    };
    if (desired.kafka.own) release.workloads.emplace_back("kafka");
    if (desired.mysql.own) release.workloads.emplace_back("mysql");
    if (desired.redis.own) release.workloads.emplace_back("redis");
    release.enabled = spec.layers.infrastructure && !release.workloads.empty();
    release.digest = digest_of(release.chart, release.values, defaults);
    return release;
}

}  // namespace

std::span<const ServiceFacts> service_facts() {
    return kServices;
}

std::span<const std::string_view> event_topics() {
    return kTopics;
}

std::vector<std::string> secret_names(const api::Spec& spec) {
    std::vector<std::string> names{spec.mysql ? spec.mysql->secret : std::string(kRootSecret)};
    for (const ServiceFacts& service : kServices) {
        if (service.database.empty()) continue;
        const DatabaseWanted database = database_of(service);
        names.push_back(database.secret);
        names.push_back(database.ddl_secret);
    }
    if (spec.tls.enabled) {
        names.emplace_back(kKafkaAdminSecret);
        names.push_back(certificates_of(spec.tls));
        for (const KafkaUserWanted& user : kafka_users()) names.push_back(user.secret);
    }
    return names;
}

std::vector<GivenSecret> given_secrets(const api::Spec& spec, const std::string& release) {
    std::vector<GivenSecret> given;
    for (const std::string& name : spec.images.pull_secrets) given.push_back({.name = name, .key = ""});
    const auto own = std::ranges::find(spec.services, release, &api::ServiceOverride::name);
    if (own == spec.services.end()) return given;
    for (const api::EnvEntry& entry : own->env) {
        if (!entry.value) given.push_back({.name = entry.secret, .key = entry.secret_key});
    }
    return given;
}

Desired desired_state(
    const api::Spec& spec,
    const Defaults& defaults,
    const std::map<std::string, SecretSeen>& secrets
) {
    Desired desired;
    add_backends(desired, spec);
    add_topics(desired, spec.topics);
    for (const ServiceFacts& service : kServices) {
        if (!service.database.empty()) desired.databases.push_back(database_of(service));
    }
    desired.releases.push_back(infrastructure_release(spec, defaults, desired));
    for (const std::string& part : desired.releases.front().workloads)
        desired.claims.push_back("data-" + part + "-0");
    for (const ServiceFacts& service : kServices) {
        ReleaseWanted release{
            .name = std::string(service.name),
            .chart = "service",
            .layer = service.layer,
            .enabled = service.layer == Layer::Platform ? spec.layers.platform : spec.layers.services,
            .values = service_values(service, spec, defaults, desired, secrets),
            .workloads = {std::string(service.name)},
            .database = std::string(service.database),
            .kafka_user = spec.tls.enabled && service.uses_kafka ? std::string(service.name) : ""
        };
        release.digest = digest_of(release.chart, release.values, defaults);
        desired.releases.push_back(std::move(release));
    }
    desired.provision = spec.layers.services || spec.layers.infrastructure;
    return desired;
}

}  // namespace platform::reconcile
