#include "operator/api/order_platform.hpp"

#include "operator/api/fields.hpp"

#include <algorithm>
#include <array>

namespace platform::api {
namespace {

using Kind = json::Value::Kind;

/// The values of charts/service that the resource may set. The others are the operator's own, or have a field of the resource, or (serviceAccount)
/// would lend a pod the rights of somebody else.
constexpr std::array<std::string_view, 23> kChartValues{
    "affinity",
    "autoscaling",
    "containerSecurityContext",
    "extraEnv",
    "extraEnvFrom",
    "extraVolumeMounts",
    "extraVolumes",
    "httpRoute",
    "ingress",
    "keda",
    "networkPolicy",
    "nodeSelector",
    "podAnnotations",
    "podDisruptionBudget",
    "podLabels",
    "podSecurityContext",
    "priorityClassName",
    "probes",
    "resources",
    "terminationGracePeriodSeconds",
    "test",
    "tolerations",
    "topologySpreadConstraints",
};

constexpr std::array<const char*, 5> kServices{"gateway", "order", "payment", "inventory", "notification"};

bool is_digest(std::string_view text) {
    constexpr std::string_view kAlgorithm = "sha256:";
    constexpr std::size_t kDigits = 64;
    return text.starts_with(kAlgorithm) && text.size() == kAlgorithm.size() + kDigits &&
           text.substr(kAlgorithm.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Reads the fields of one object and remembers the first that is not as the schema wants it.
class FieldReader {
public:
    FieldReader(const json::Value* object, std::string path, std::string& fault)
        : object_(object), path_(std::move(path)), fault_(fault) {
        if (object_ && !object_->is(Kind::Object)) reject("", "an object");
    }

    [[nodiscard]] bool present() const { return object_ && object_->is(Kind::Object); }
    [[nodiscard]] FieldReader inside(const char* name) const {
        return {find(name), path_ + "." + name, fault_};
    }
    /// The same fields under another path, for what is reported.
    [[nodiscard]] FieldReader called(std::string path) const { return {object_, std::move(path), fault_}; }

    std::string text(const char* name, std::string fallback = {}) const {
        const json::Value* found = find(name);
        if (!found) return fallback;
        if (!found->is(Kind::String)) reject(name, "a string");
        return found->text();
    }
    /// Of an image; empty = none. A text that is none would leave the image to its tag, which is what a digest is there to prevent.
    std::string digest(const char* name) const {
        std::string value = text(name);
        if (find(name) && !is_digest(value)) reject(name, "sha256: and 64 digits from 0 to f");
        return value;
    }
    std::int64_t integer(const char* name, std::int64_t fallback, std::int64_t min, std::int64_t max) const {
        if (!find(name)) return fallback;
        const auto number = integer_at(*object_, name);
        if (!number || *number < min || *number > max) {
            reject(
                name, ("a whole number from " + std::to_string(min) + " to " + std::to_string(max)).c_str()
            );
            return fallback;
        }
        return *number;
    }
    bool flag(const char* name, bool fallback) const {
        const json::Value* found = find(name);
        if (!found) return fallback;
        if (!found->is(Kind::Boolean)) reject(name, "true or false");
        return flag_at(*object_, name, fallback);
    }
    const std::vector<json::Value>& list(const char* name) const {
        static const std::vector<json::Value> kNone;
        const json::Value* found = find(name);
        if (!found) return kNone;
        if (!found->is(Kind::Array)) reject(name, "a list");
        return found->items();
    }
    /// The members of the object, each one as JSON.
    [[nodiscard]] std::map<std::string, std::string> members() const {
        std::map<std::string, std::string> read;
        if (!present()) return read;
        for (const auto& [name, value] : object_->members()) read.emplace(name, json_text(value));
        return read;
    }
    std::string needed(const char* name) const {
        std::string value = text(name);
        if (value.empty()) reject(name, "given");
        return value;
    }
    void reject(const char* name, const char* expected) const {
        if (!fault_.empty()) return;
        fault_ = path_ + (*name == '\0' ? "" : ".") + name + " has to be " + expected;
    }

private:
    [[nodiscard]] const json::Value* find(const char* name) const {
        if (!present()) return nullptr;
        const json::Value* found = object_->find(name);
        return found && !found->is(Kind::Null) ? found : nullptr;
    }
    const json::Value* object_;
    std::string path_;
    std::string& fault_;
};

Component read_component(const FieldReader& component) {
    const auto image = component.inside("image");
    const auto storage = component.inside("storage");
    return {
        .image_repository = image.text("repository"),
        .image_tag = image.text("tag"),
        .image_digest = image.digest("digest"),
        .storage_size = storage.text("size"),
        .storage_class = storage.text("storageClassName")
    };
}

EnvEntry read_env(const FieldReader& entry) {
    EnvEntry env{.name = entry.needed("name")};
    const auto secret = entry.inside("secretRef");
    if (secret.present()) {
        env.secret = secret.needed("name");
        env.secret_key = secret.needed("key");
    } else {
        env.value = entry.text("value");
    }
    return env;
}

ServiceOverride read_service(const FieldReader& service, std::string& fault) {
    constexpr std::int64_t kMostReplicas = 50;
    ServiceOverride read{
        .name = service.needed("name"), .replicas = service.integer("replicas", 1, 0, kMostReplicas)
    };
    for (const json::Value& entry : service.list("env")) {
        read.env.push_back(read_env({&entry, "spec.services[" + read.name + "].env", fault}));
    }
    const auto values = service.called("spec.services[" + read.name + "]").inside("values");
    read.values = values.members();
    for (const auto& [name, value] : read.values) {
        if (!std::ranges::contains(kChartValues, name)) values.reject(name.c_str(), "left out: the resource cannot set it");
    }
    return read;
}

void read_external(const FieldReader& spec, Spec& read) {
    constexpr std::int64_t kMaxPort = 65535;
    if (const auto kafka = spec.inside("kafka"); kafka.present()) {
        read.kafka = ExternalKafka{.bootstrap_servers = kafka.needed("bootstrapServers")};
    }
    if (const auto mysql = spec.inside("mysql"); mysql.present()) {
        const auto secret = mysql.inside("adminSecretRef");
        if (!secret.present()) mysql.reject("adminSecretRef", "given");
        read.mysql = ExternalMysql{
            .host = mysql.needed("host"),
            .port = mysql.integer("port", 3306, 1, kMaxPort),
            .secret = secret.text("name"),
            .user_key = secret.text("userKey", "username"),
            .password_key = secret.text("passwordKey", "password")
        };
    }
    if (const auto redis = spec.inside("redis"); redis.present()) {
        read.redis =
            ExternalRedis{.host = redis.needed("host"), .port = redis.integer("port", 6379, 1, kMaxPort)};
    }
}

Images read_images(const FieldReader& images) {
    Images read{
        .repository_prefix = images.text("repositoryPrefix"),
        .tag = images.text("tag"),
        .pull_policy = images.text("pullPolicy"),
    };
    const auto digests = images.inside("digests");
    for (const char* service : kServices) {
        if (std::string digest = digests.digest(service); !digest.empty()) read.digests.emplace(service, std::move(digest));
    }
    for (const json::Value& secret : images.list("pullSecrets")) read.pull_secrets.push_back(secret.text());
    return read;
}

Spec read_spec(const FieldReader& spec, std::string& fault) {
    constexpr std::int64_t kMostPartitions = 200;
    constexpr std::int64_t kMostReplicas = 10;
    constexpr std::int64_t kMostHours = 87600;
    Spec read;
    read.suspend = spec.flag("suspend", false);
    const std::string policy = spec.text("deletionPolicy", "Retain");
    if (policy != "Retain" && policy != "Delete") spec.reject("deletionPolicy", "Retain or Delete");
    read.deletion_policy = policy == "Delete" ? DeletionPolicy::Delete : DeletionPolicy::Retain;

    const auto pricing = spec.inside("pricing");
    read.pricing_mode = pricing.text("mode", read.pricing_mode);
    if (read.pricing_mode != "client" && read.pricing_mode != "verify") pricing.reject("mode", "client or verify");

    if (const auto tracing = spec.inside("tracing"); tracing.present()) {
        constexpr std::int64_t kAll = 100;
        read.tracing = Tracing{
            .endpoint = tracing.needed("endpoint"), .sampling_percent = tracing.integer("samplingPercent", 10, 0, kAll)
        };
    }
    const auto tls = spec.inside("security").inside("tls");
    read.tls = {.enabled = tls.flag("enabled", false), .existing_secret = tls.text("existingSecret")};

    const auto layers = spec.inside("layers");
    read.layers = {
        .infrastructure = layers.inside("infrastructure").flag("enabled", true),
        .platform = layers.inside("platform").flag("enabled", true),
        .services = layers.inside("services").flag("enabled", true)
    };
    read.images = read_images(spec.inside("images"));
    read_external(spec, read);
    const bool all_given = read.kafka && read.mysql && read.redis;
    if (read.tls.enabled && read.tls.existing_secret.empty() && all_given)
        tls.reject("existingSecret", "given, since no infrastructure makes certificates");

    const auto topics = spec.inside("topics");
    read.topics = {
        .partitions = topics.integer("partitions", read.topics.partitions, 1, kMostPartitions),
        .replication_factor =
            topics.integer("replicationFactor", read.topics.replication_factor, 1, kMostReplicas),
        .retention_hours = topics.integer("retentionHours", read.topics.retention_hours, 1, kMostHours)
    };
    const auto infrastructure = spec.inside("infrastructure");
    read.own_kafka = read_component(infrastructure.inside("kafka"));
    read.own_mysql = read_component(infrastructure.inside("mysql"));
    read.own_redis = read_component(infrastructure.inside("redis"));
    for (const json::Value& service : spec.list("services")) {
        read.services.push_back(read_service({&service, "spec.services", fault}, fault));
    }
    return read;
}

/// The status is our own, so what cannot be read of it is simply not there.
Status read_status(const json::Value& object) {
    Status status;
    status.observed_generation = integer_at(object, "status.observedGeneration").value_or(0);
    status.summary = {
        .services = text_at(object, "status.summary.services"),
        .topics = text_at(object, "status.summary.topics"),
        .databases = text_at(object, "status.summary.databases")
    };
    if (const json::Value* conditions = at(object, "status.conditions")) {
        for (const json::Value& entry : conditions->items()) {
            status.conditions.push_back(
                {.type = text_at(entry, "type"),
                 .status = parse_truth(text_at(entry, "status")),
                 .reason = text_at(entry, "reason"),
                 .message = text_at(entry, "message"),
                 .observed_generation = integer_at(entry, "observedGeneration").value_or(0),
                 .last_transition = text_at(entry, "lastTransitionTime")}
            );
        }
    }
    if (const json::Value* releases = at(object, "status.releases")) {
        for (const json::Value& entry : releases->items()) {
            status.releases.push_back(
                {.name = text_at(entry, "name"),
                 .revision = integer_at(entry, "revision").value_or(0),
                 .ready = text_at(entry, "ready")}
            );
        }
    }
    return status;
}

}  // namespace

std::int64_t Status::revision_of(std::string_view release) const {
    const auto found = std::ranges::find(releases, release, &ReleaseRecord::name);
    return found == releases.end() ? 0 : found->revision;
}

bool OrderPlatform::has_finalizer() const {
    return std::ranges::find(finalizers, kFinalizer) != finalizers.end();
}

Result<OrderPlatform> parse_order_platform(const json::Value& object) {
    OrderPlatform platform{
        .name = text_at(object, "metadata.name"),
        .name_space = text_at(object, "metadata.namespace"),
        .uid = text_at(object, "metadata.uid"),
        .resource_version = text_at(object, "metadata.resourceVersion"),
        .created_at = text_at(object, "metadata.creationTimestamp"),
        .released_at = annotation_of(object, kReleasedAt),
        .generation = integer_at(object, "metadata.generation").value_or(0),
        .deleting = !text_at(object, "metadata.deletionTimestamp").empty(),
        .force_orphan = annotation_of(object, kForceOrphan) == "true",
    };
    if (platform.name.empty() || platform.name_space.empty())
        return fail(ErrorKind::Invalid, "object has no name or no namespace");
    if (const json::Value* finalizers = at(object, "metadata.finalizers")) {
        for (const json::Value& entry : finalizers->items()) platform.finalizers.push_back(entry.text());
    }
    platform.spec = read_spec({at(object, "spec"), "spec", platform.invalid}, platform.invalid);
    platform.status = read_status(object);
    return platform;
}

void write_status(json::Writer& out, const Status& status) {
    out.begin_object().field("observedGeneration", status.observed_generation);
    out.key("summary")
        .begin_object()
        .field("services", status.summary.services)
        .field("topics", status.summary.topics)
        .field("databases", status.summary.databases)
        .end_object();
    out.key("conditions").begin_array();
    for (const Condition& condition : status.conditions) {
        out.begin_object()
            .field("type", condition.type)
            .field("status", to_string(condition.status))
            .field("reason", condition.reason)
            .field("message", condition.message)
            .field("observedGeneration", condition.observed_generation)
            .field("lastTransitionTime", condition.last_transition)
            .end_object();
    }
    out.end_array().key("releases").begin_array();
    for (const ReleaseRecord& release : status.releases) {
        out.begin_object()
            .field("name", release.name)
            .field("revision", release.revision)
            .field("ready", release.ready)
            .end_object();
    }
    out.end_array().end_object();
}

}  // namespace platform::api
