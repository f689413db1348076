#pragma once
#include "operator/api/order_platform.hpp"
#include "operator/reconcile/model.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the reconciler needs from the world. Every change may be repeated without harm. A read error never
/// means "absent". Each port is used by the one thread that reconciles.
namespace platform::reconcile {

class Port {
public:
    Port() = default;
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    virtual ~Port() = default;
};

/// The OrderPlatform resources of the namespace.
class Platforms : public Port {
public:
    [[nodiscard]] virtual Result<api::OrderPlatform> get(const std::string& name) = 0;
    /// The name of an older one than `platform`, or empty.
    [[nodiscard]] virtual std::string older_than(const api::OrderPlatform& platform) const = 0;
    /// Conflict when the resource has changed since it was read.
    [[nodiscard]] virtual Result<void> set_finalizer(const api::OrderPlatform& platform, bool present) = 0;
    /// Gives the resource's new version.
    [[nodiscard]] virtual Result<std::string>
    set_status(const api::OrderPlatform& platform, const api::Status& status) = 0;
    [[nodiscard]] virtual Result<bool> namespace_terminating() = 0;
    /// A Kubernetes Event on the resource; a lost one is no error.
    virtual void tell(
        const api::OrderPlatform& platform,
        const std::string& reason,
        const std::string& note,
        bool warning
    ) = 0;
};

/// The content of one Secret. Not to be logged.
struct SecretContent {
    std::string version{};
    std::map<std::string, std::string> entries{};
};
class Secrets : public Port {
public:
    /// Nothing when it does not exist.
    [[nodiscard]] virtual Result<std::optional<SecretContent>> read(const std::string& name) = 0;
    /// "It exists" is success.
    [[nodiscard]] virtual Result<void>
    create(const std::string& name, const std::map<std::string, std::string>& entries) = 0;
    [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
    /// A new random password of letters, digits and '-'.
    [[nodiscard]] virtual std::string make_password() = 0;
};

class Claims : public Port {
public:
    [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
};

class Releases : public Port {
public:
    /// `known` is a revision that was seen earlier, 0 for none. `certain` asks helm itself before it says
    /// Absent.
    [[nodiscard]] virtual Result<ReleaseSeen>
    inspect(const std::string& name, std::int64_t known, bool certain) = 0;
    [[nodiscard]] virtual Result<void> install(const ReleaseWanted& release) = 0;
    /// "Not there" is success.
    [[nodiscard]] virtual Result<void> uninstall(const std::string& name) = 0;
    [[nodiscard]] virtual Result<void> unlock(const std::string& name, std::int64_t revision) = 0;
};

/// How the operator comes to Kafka. `ca` (PEM) empty = no TLS and no user.
struct KafkaLogin {
    std::string bootstrap_servers{};
    std::string ca{};
    std::string user{};
    std::string password{};  ///< not to be logged
    friend bool operator==(const KafkaLogin&, const KafkaLogin&) = default;
};
class Topics : public Port {
public:
    [[nodiscard]] virtual Result<std::vector<TopicSeen>>
    observe(const KafkaLogin& kafka, const std::vector<TopicWanted>& wanted) = 0;
    [[nodiscard]] virtual Result<void>
    create(const KafkaLogin& kafka, const std::vector<TopicWanted>& topics) = 0;
    [[nodiscard]] virtual Result<void>
    grow(const KafkaLogin& kafka, const std::string& name, std::int32_t partitions) = 0;
    [[nodiscard]] virtual Result<void>
    configure(const KafkaLogin& kafka, const TopicWanted& topic) = 0;
    [[nodiscard]] virtual Result<void>
    remove(const KafkaLogin& kafka, const std::vector<std::string>& names) = 0;
    /// Gives up the connection, while there is nothing to connect to.
    virtual void disconnect() = 0;
};

/// A user with its password; an empty one stands for a Secret that is not there.
struct KafkaUserAccess {
    KafkaUserWanted wanted;
    std::string password{};
};
class KafkaUsers : public Port {
public:
    [[nodiscard]] virtual Result<std::vector<KafkaUserSeen>>
    observe(const KafkaLogin& admin, const std::vector<KafkaUserAccess>& users) = 0;
    /// Makes the user, sets its password, gives what is missing of its rights and takes away all others.
    [[nodiscard]] virtual Result<void> provision(const KafkaLogin& admin, const KafkaUserAccess& user) = 0;
    [[nodiscard]] virtual Result<void> drop(const KafkaLogin& admin, const KafkaUserWanted& user) = 0;
    /// As of Topics.
    virtual void disconnect() = 0;
};

struct MysqlLogin {
    std::string host{};
    std::int64_t port = 3306;
    std::string user{};
    std::string password{};  ///< not to be logged
    std::string ca{};        ///< PEM; empty = no TLS
};
/// A database with the passwords of its users; an empty password stands for a Secret that is not there.
struct DatabaseAccess {
    DatabaseWanted wanted;
    std::string password{};
    std::string ddl_password{};
};
class Databases : public Port {
public:
    [[nodiscard]] virtual Result<std::vector<DatabaseSeen>>
    observe(const MysqlLogin& admin, const std::vector<DatabaseAccess>& databases) = 0;
    /// Makes what is missing of database, users and grants, sets both passwords, and takes away grants that
    /// do not belong there.
    [[nodiscard]] virtual Result<void> provision(const MysqlLogin& admin, const DatabaseAccess& database) = 0;
    [[nodiscard]] virtual Result<void> drop(const MysqlLogin& admin, const DatabaseWanted& database) = 0;
};

/// The state of Deployments and StatefulSets, from memory.
class WorkloadView : public Port {
public:
    [[nodiscard]] virtual std::optional<control::WorkloadState>
    find(const std::string& kind, const std::string& name) const = 0;
};

struct Ports {
    Platforms& platforms;
    Secrets& secrets;
    Claims& claims;
    Releases& releases;
    Topics& topics;
    Databases& databases;
    KafkaUsers& kafka_users;
    WorkloadView& workloads;
};

}  // namespace platform::reconcile
