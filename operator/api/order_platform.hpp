#pragma once
#include "operator/api/conditions.hpp"
#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The OrderPlatform resource as C++ values. crds/orderplatforms.yaml is the contract; defaults stand there
/// and here alike, since a resource that was stored before a field existed comes without it.
namespace platform::api {

inline constexpr std::string_view kApiVersion = "orderplatform.io/v1alpha1";
inline constexpr std::string_view kFinalizer = "orderplatform.io/operator";
/// Set when an operator that goes away gives its resources free: the time. An operator that started later
/// takes them over again.
inline constexpr std::string_view kReleasedAt = "orderplatform.io/released-at";
/// "true": a deletion with policy Delete goes on without the external Kafka or MySQL that cannot be reached.
inline constexpr std::string_view kForceOrphan = "orderplatform.io/force-orphan";

enum class DeletionPolicy : std::uint8_t { Retain, Delete };

struct Layers {
    bool infrastructure = true;
    bool platform = true;
    bool services = true;
};
struct Images {
    std::string repository_prefix{};  ///< these three: empty = the operator's own default
    std::string tag{};
    std::string pull_policy{};
    std::map<std::string, std::string> digests{};  ///< by service; one wins over the tag
    std::vector<std::string> pull_secrets{};
};
struct ExternalKafka {
    std::string bootstrap_servers{};
};
struct ExternalMysql {
    std::string host{};
    std::int64_t port = 3306;
    std::string secret{};
    std::string user_key = "username";
    std::string password_key = "password";
};
struct ExternalRedis {
    std::string host{};
    std::int64_t port = 6379;
};
struct Tracing {
    std::string endpoint{};
    std::int64_t sampling_percent = 10;
};
/// TLS to Kafka (with a user for each service), MySQL and Redis.
struct Tls {
    bool enabled = false;
    std::string existing_secret{};  ///< empty = the infrastructure's own certificates
};
struct Topics {
    std::int64_t partitions = 6;
    std::int64_t replication_factor = 1;
    std::int64_t retention_hours = 168;
};
/// One part of the infrastructure to install; empty texts = the chart's defaults.
struct Component {
    std::string image_repository{};
    std::string image_tag{};
    std::string image_digest{};  ///< wins over the tag
    std::string storage_size{};
    std::string storage_class{};
};
struct EnvEntry {
    std::string name{};
    std::optional<std::string> value{};  ///< else from the Secret below
    std::string secret{};
    std::string secret_key{};
};
struct ServiceOverride {
    std::string name{};
    std::int64_t replicas = 1;
    std::vector<EnvEntry> env{};
    std::map<std::string, std::string> values{};  ///< further values of charts/service as JSON, by their first name
};

struct Spec {
    bool suspend = false;
    DeletionPolicy deletion_policy = DeletionPolicy::Retain;
    Layers layers{};
    Images images{};
    std::optional<ExternalKafka> kafka{};
    std::optional<ExternalMysql> mysql{};
    std::optional<ExternalRedis> redis{};
    std::string pricing_mode = "client";  ///< or "verify"
    std::optional<Tracing> tracing{};
    Tls tls{};
    Topics topics{};
    Component own_kafka{};
    Component own_mysql{};
    Component own_redis{};
    std::vector<ServiceOverride> services{};
};

/// What the operator remembers of a Helm release; the release's own record is the truth.
struct ReleaseRecord {
    std::string name{};
    std::int64_t revision = 0;
    std::string ready{};  ///< "1/1" of its pods
    friend bool operator==(const ReleaseRecord&, const ReleaseRecord&) = default;
};
struct Summary {
    std::string services{};
    std::string topics{};
    std::string databases{};
    friend bool operator==(const Summary&, const Summary&) = default;
};
struct Status {
    std::int64_t observed_generation = 0;
    Summary summary{};
    std::vector<Condition> conditions{};
    std::vector<ReleaseRecord> releases{};
    friend bool operator==(const Status&, const Status&) = default;

    [[nodiscard]] std::int64_t revision_of(std::string_view release) const;
};

struct OrderPlatform {
    std::string name{};
    std::string name_space{};
    std::string uid{};
    std::string resource_version{};
    std::string created_at{};   ///< RFC 3339, sorts as text
    std::string released_at{};  ///< annotation kReleasedAt
    std::int64_t generation = 0;
    bool deleting = false;
    bool force_orphan = false;  ///< annotation kForceOrphan
    std::vector<std::string> finalizers{};
    std::string invalid{};  ///< why `spec` cannot be used, naming the field; empty = it can
    Spec spec{};
    Status status{};

    [[nodiscard]] bool has_finalizer() const;
};

/// Error: Invalid, when the object has no name. A spec that contradicts the schema (an older CRD let it pass)
/// is told in `invalid`.
[[nodiscard]] Result<OrderPlatform> parse_order_platform(const json::Value& object);

/// Writes the status as the value of a key.
void write_status(json::Writer& out, const Status& status);

}  // namespace platform::api
