#include "operator/reconcile/values.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/core/uuid.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <utility>

namespace platform::reconcile {
namespace {

struct SecretKey {
    std::string secret;
    std::string key;
};

/// Settings of one container, from the operator and, above them, from the resource.
struct Environment {
    std::map<std::string, std::string> plain;
    std::map<std::string, SecretKey> secret;

    void override_with(const std::vector<api::EnvEntry>& entries) {
        for (const api::EnvEntry& entry : entries) {
            plain.erase(entry.name);
            secret.erase(entry.name);
            if (entry.value) {
                plain[entry.name] = *entry.value;
            } else {
                secret[entry.name] = {entry.secret, entry.secret_key};
            }
        }
    }
    void write(json::Writer& out) const {
        out.key("env").begin_object();
        for (const auto& [name, value] : plain) out.field(name, value);
        out.end_object().key("secretEnv").begin_object();
        for (const auto& [name, from] : secret) {
            out.key(name).begin_object().field("secret", from.secret).field("key", from.key).end_object();
        }
        out.end_object();
    }
};

/// An image as the charts take it; the digest may be empty.
struct Image {
    const char* place;  ///< the value that says where it lies
    std::string where;
    std::string tag;
    std::string policy;
    std::string digest;

    void write(json::Writer& out) const {
        out.key("image").begin_object().field(place, where).field("tag", tag).field("pullPolicy", policy);
        if (!digest.empty()) out.field("digest", digest);
        out.end_object();
    }
};

Image image_of(const api::Component& component, const std::string& fallback, const std::string& policy) {
    Image image{
        .place = "repository",
        .where = component.image_repository,
        .tag = component.image_tag,
        .policy = policy,
        .digest = component.image_digest,
    };
    if (image.where.empty()) {
        const std::size_t colon = fallback.rfind(':');
        image.where = fallback.substr(0, colon);
        image.tag = colon == std::string::npos ? "latest" : fallback.substr(colon + 1);
    }
    return image;
}

void write_component(
    json::Writer& out,
    const char* name,
    bool enabled,
    const api::Component& component,
    const std::string& fallback_image,
    const std::string& policy
) {
    out.key(name).begin_object().field("enabled", enabled);
    image_of(component, fallback_image, policy).write(out);
    if (!component.storage_size.empty() || !component.storage_class.empty()) {
        out.key("storage").begin_object();
        if (!component.storage_size.empty()) out.field("size", component.storage_size);
        if (!component.storage_class.empty()) out.field("storageClassName", component.storage_class);
        out.end_object();
    }
    out.end_object();
}

std::string either(const std::string& wanted, const std::string& fallback) {
    return wanted.empty() ? fallback : wanted;
}

Image image_of(const ServiceFacts& service, const api::Images& images, const Defaults& defaults) {
    const auto digest = images.digests.find(std::string(service.name));
    return {
        .place = "repositoryPrefix",
        .where = either(images.repository_prefix, defaults.repository_prefix),
        .tag = either(images.tag, defaults.tag),
        .policy = either(images.pull_policy, defaults.pull_policy),
        .digest = digest == images.digests.end() ? "" : digest->second,
    };
}

void write_pull_secrets(json::Writer& out, const api::Images& images) {
    out.key("imagePullSecrets").begin_array();
    for (const std::string& secret : images.pull_secrets) out.string(secret);
    out.end_array();
}

std::string upper_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
    return out;
}

/// P-1001 to P-1008 in plenty, and P-0000 without stock.
constexpr const char* kEvaluationStock =
    "P-1001:1000000000,P-1002:1000000000,P-1003:1000000000,P-1004:1000000000,P-1005:1000000000,"
    "P-1006:1000000000,P-1007:1000000000,P-1008:1000000000,P-0000:0";

Environment
environment_of(const ServiceFacts& service, const api::Spec& spec, const Desired& desired, const DatabaseWanted* database) {
    Environment environment;
    auto& plain = environment.plain;
    if (service.uses_kafka) plain["KAFKA_BOOTSTRAP_SERVERS"] = desired.kafka.bootstrap_servers;
    if (service.uses_redis) {
        plain["REDIS_HOST"] = desired.redis.host;
        plain["REDIS_PORT"] = std::to_string(desired.redis.port);
    }
    if (service.layer == Layer::Platform) {
        for (const ServiceFacts& other : service_facts()) {
            if (other.layer != Layer::Services) continue;
            plain["UPSTREAM_" + upper_case(other.name)] =
                std::format("{}-headless:{}", other.name, other.port);
            plain["UPSTREAM_" + upper_case(other.name) + "_SERVICE"] = std::format("{}:{}", other.name, other.port);
        }
    }
    if (database) {
        plain["MYSQL_HOST"] = desired.mysql.host;
        plain["MYSQL_PORT"] = std::to_string(desired.mysql.port);
        plain["MYSQL_DATABASE"] = database->name;
        environment.secret["MYSQL_USER"] = {database->secret, "username"};
        environment.secret["MYSQL_PASSWORD"] = {database->secret, "password"};
    }
    if (desired.tls.enabled && service.uses_kafka) {
        const auto user = std::ranges::find(desired.kafka_users, service.name, &KafkaUserWanted::name);
        environment.secret["KAFKA_SASL_USERNAME"] = {user->secret, "username"};
        environment.secret["KAFKA_SASL_PASSWORD"] = {user->secret, "password"};
    }
    // A database of our own is for evaluation, and there is nothing to order without products.
    if (service.name == "inventory" && desired.mysql.own) plain["INVENTORY_SEED"] = kEvaluationStock;
    if (service.name == "order") plain["PRICING_MODE"] = spec.pricing_mode;
    return environment;
}

void write_tls(json::Writer& out, const ServiceFacts& service, const Desired& desired) {
    if (!desired.tls.enabled) return;
    out.key("tls").begin_object().key("servers").begin_array();
    if (service.uses_kafka) out.string("kafka");
    if (!service.database.empty()) out.string("mysql");
    if (service.uses_redis) out.string("redis");
    out.end_array().key("caSecret").begin_object();
    out.field("name", desired.tls.secret).field("key", kAuthorities).end_object().end_object();
}

/// The rule for memory limits: twice the measured peak. The resource's own `resources` stand in for all of it.
void write_memory(json::Writer& out, const ServiceFacts& service) {
    out.key("resources").begin_object();
    out.key("requests").begin_object().field("memory", std::format("{}Mi", service.memory_mib)).end_object();
    out.key("limits").begin_object().field("memory", std::format("{}Mi", 2 * service.memory_mib)).end_object();
    out.end_object();
}

/// Changes when one of the Secrets that the service reads changes.
std::string digest_of_secrets(
    const ServiceFacts& service,
    const Desired& desired,
    const DatabaseWanted* database,
    const std::map<std::string, SecretSeen>& secrets
) {
    std::vector<std::string> names;
    if (database) names = {database->secret, database->ddl_secret};
    if (desired.tls.enabled) {
        names.push_back(desired.tls.secret);
        const auto user = std::ranges::find(desired.kafka_users, service.name, &KafkaUserWanted::name);
        if (user != desired.kafka_users.end()) names.push_back(user->secret);
    }
    std::string versions;
    for (const std::string& name : names) {
        const auto seen = secrets.find(name);
        versions += name + "=" + (seen == secrets.end() ? "" : seen->second.version) + ";";
    }
    return versions.empty() ? "" : Uuid::of_name(versions).text();
}

}  // namespace

std::string infrastructure_values(const api::Spec& spec, const Defaults& defaults, const Desired& desired) {
    const std::string policy = either(spec.images.pull_policy, defaults.pull_policy);
    json::Writer out;
    out.begin_object();
    write_pull_secrets(out, spec.images);
    if (spec.tls.enabled) {
        out.key("tls").begin_object().field("enabled", true);
        out.field("existingSecret", spec.tls.existing_secret).end_object();
    }
    write_component(out, "kafka", desired.kafka.own, spec.own_kafka, defaults.kafka_image, policy);
    write_component(out, "mysql", desired.mysql.own, spec.own_mysql, defaults.mysql_image, policy);
    write_component(out, "redis", desired.redis.own, spec.own_redis, defaults.redis_image, policy);
    out.end_object();
    return out.take();
}

std::string service_values(
    const ServiceFacts& service,
    const api::Spec& spec,
    const Defaults& defaults,
    const Desired& desired,
    const std::map<std::string, SecretSeen>& secrets
) {
    const auto found = std::ranges::find(desired.databases, service.database, &DatabaseWanted::name);
    const DatabaseWanted* database = found == desired.databases.end() ? nullptr : &*found;
    Environment environment = environment_of(service, spec, desired, database);
    std::int64_t replicas = 1;
    const auto own = std::ranges::find(spec.services, service.name, &api::ServiceOverride::name);
    if (own != spec.services.end()) {
        replicas = own->replicas;
        environment.override_with(own->env);
    }

    json::Writer out;
    out.begin_object().field("name", service.name);
    image_of(service, spec.images, defaults).write(out);
    write_pull_secrets(out, spec.images);
    out.field("replicas", replicas).field("port", service.port);
    environment.write(out);
    if (spec.tracing) {
        constexpr double kPercent = 100;
        out.key("tracing").begin_object().field("endpoint", spec.tracing->endpoint);
        out.key("samplingRatio").number_text(std::format("{}", static_cast<double>(spec.tracing->sampling_percent) / kPercent));
        out.end_object();
    }
    if (database) {
        Environment migration;
        migration.secret["MYSQL_DDL_USER"] = {database->ddl_secret, "username"};
        migration.secret["MYSQL_DDL_PASSWORD"] = {database->ddl_secret, "password"};
        out.key("migration").begin_object().field("enabled", true);
        migration.write(out);
        out.end_object();
    }
    write_tls(out, service, desired);
    const std::string digest = digest_of_secrets(service, desired, database, secrets);
    if (!digest.empty()) out.field("secretsDigest", digest);
    bool has_resources = false;
    if (own != spec.services.end()) {
        for (const auto& [name, value] : own->values) {
            has_resources |= name == "resources";
            out.key(name).raw(value);
        }
    }
    if (!has_resources) write_memory(out, service);
    out.end_object();
    return out.take();
}

}  // namespace platform::reconcile
