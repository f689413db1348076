#pragma once
#include "operator/api/order_platform.hpp"
#include "operator/reconcile/model.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::reconcile {

/// One of our services: what is known of it without any resource.
struct ServiceFacts {
    std::string_view name;
    std::string_view database;  ///< empty = none
    int port = 8080;
    Layer layer = Layer::Services;
    bool uses_kafka = true;
    bool uses_redis = false;
    /// The largest VmHWM of the benchmark (docs/performance.md), rounded up: a pod asks for it and may have twice as much. The
    /// system test fails when one gets to 70 % of that.
    int memory_mib = 34;
};
/// In the order of installation.
[[nodiscard]] std::span<const ServiceFacts> service_facts();

/// The events' topics, without their dead letter topics.
[[nodiscard]] std::span<const std::string_view> event_topics();

/// What the operator was started with.
struct Defaults {
    std::string repository_prefix{};
    std::string tag{};
    std::string pull_policy{};
    std::string kafka_image{};  ///< repository:tag
    std::string mysql_image{};
    std::string redis_image{};
    std::map<std::string, std::string> chart_digests{};  ///< by folder
};

inline constexpr std::string_view kInfrastructure = "infrastructure";
inline constexpr std::string_view kRootSecret = "mysql-root";
/// With TLS: Kafka's administrator, and the certificates that the infrastructure makes for itself.
inline constexpr std::string_view kKafkaAdminSecret = "kafka-admin";
inline constexpr std::string_view kOwnCertificates = "infrastructure-tls";

/// The Secrets that a platform needs (of its own MySQL's root, of the databases' users, of an administrator
/// that it was given), by name.
[[nodiscard]] std::vector<std::string> secret_names(const api::Spec& spec);

/// A Secret that the resource names for the pods of a release, and that nobody but its author makes. `key` empty = any (of a registry).
struct GivenSecret {
    std::string name;
    std::string key;
};
[[nodiscard]] std::vector<GivenSecret> given_secrets(const api::Spec& spec, const std::string& release);

/// Pure. `secrets` are the versions of those that exist; a change of one changes the digest of the releases
/// that use it.
[[nodiscard]] Desired desired_state(
    const api::Spec& spec,
    const Defaults& defaults,
    const std::map<std::string, SecretSeen>& secrets
);

}  // namespace platform::reconcile
