#pragma once
#include "operator/control/workloads.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the planner sees and says. Plain values: no input, no output, and no secret among them.
namespace platform::reconcile {

enum class Layer : std::uint8_t { Infrastructure, Services, Platform };

struct ReleaseWanted {
    std::string name{};
    std::string chart{};  ///< folder under the charts' directory
    Layer layer = Layer::Services;
    bool enabled = true;
    std::string values{};  ///< JSON
    std::string digest{};  ///< of chart and values
    std::string workload_kind = "Deployment";
    std::vector<std::string> workloads{};
    std::string database{
    };  ///< of the DatabaseWanted that has to exist before the first installation; empty = none
    std::string kafka_user{};  ///< likewise, of the KafkaUserWanted
};

struct TopicWanted {
    std::string name{};
    std::int32_t partitions = 1;
    std::int32_t replication_factor = 1;
    std::map<std::string, std::string> config{};
};
struct TopicSeen {
    std::string name{};
    std::int32_t partitions = 0;
    std::map<std::string, std::string> config{};
};

struct DatabaseWanted {
    std::string name{};  ///< orders_db
    std::string service{};
    std::string user{};        ///< may read and write rows
    std::string ddl_user{};    ///< may change the schema
    std::string secret{};      ///< of `user`, keys username and password
    std::string ddl_secret{};  ///< of `ddl_user`
};
/// True means: there, and as wanted (grants, and a password that opens it).
struct DatabaseSeen {
    std::string name{};
    bool database = false;
    bool user = false;
    bool ddl_user = false;
    [[nodiscard]] bool complete() const { return database && user && ddl_user; }
};

/// A user at a Kafka that asks for one: what it may do, by name, and nothing else.
struct KafkaUserWanted {
    std::string name{};
    std::string secret{};  ///< keys username and password
    std::vector<std::string> reads{};   ///< topics
    std::vector<std::string> writes{};  ///< topics
    std::vector<std::string> groups{};  ///< consumer groups
};
struct KafkaUserSeen {
    std::string name{};
    bool complete = false;  ///< there, with these rights and the password of its Secret
};

/// TLS to the backends. `secret` has the authorities of all of them under `kAuthorities`.
struct TlsWanted {
    bool enabled = false;
    std::string secret{};
};
inline constexpr const char* kAuthorities = "ca.crt";

struct MysqlWanted {
    bool own = true;
    std::string host{};
    std::int64_t port = 3306;
    std::string admin_secret{};
    std::string user_key{};  ///< empty = the user is root
    std::string password_key = "password";
};
struct KafkaWanted {
    bool own = true;
    std::string bootstrap_servers{};
    std::string admin_secret{};  ///< with TLS: keys username and password; empty without
};
struct RedisWanted {
    bool own = true;
    std::string host{};
    std::int64_t port = 6379;
};

struct Desired {
    TlsWanted tls;
    KafkaWanted kafka;
    MysqlWanted mysql;
    RedisWanted redis;
    std::vector<TopicWanted> topics{};
    std::vector<DatabaseWanted> databases{};
    std::vector<KafkaUserWanted> kafka_users{};  ///< none without TLS
    std::vector<ReleaseWanted> releases{};  ///< in the order of installation
    std::vector<std::string> claims{};      ///< volumes of the own infrastructure
    bool provision = true;  ///< topics and databases are wanted (some layer that needs them is on, and there
                            ///< is a place for them)
};

struct ReleaseSeen {
    enum class State : std::uint8_t { Absent, Deployed, Failed, Locked };
    State state = State::Absent;
    std::int64_t revision = 0;
    std::string digest{};
};

/// A backend that may not be asked yet, or did not answer.
template <class Value>
struct Asked {
    std::optional<Value> value{};
    std::string waiting{};         ///< why it was not asked
    std::optional<Error> error{};  ///< why it did not answer
};

struct SecretSeen {
    std::string version{};  ///< resourceVersion
};

struct Observed {
    bool finalizer = false;
    bool deleting = false;
    bool suspended = false;
    bool released = false;  ///< an operator that is being uninstalled gave the resource free
    bool namespace_terminating = false;
    bool force_orphan = false;
    bool delete_data = false;
    std::string rival{};    ///< an older OrderPlatform of the namespace, which owns everything
    std::string invalid{};  ///< why the spec cannot be used
    std::map<std::string, SecretSeen> secrets{};
    std::map<std::string, ReleaseSeen> releases{};
    std::map<std::string, control::WorkloadState> workloads{};  ///< by "Deployment/order"
    std::map<std::string, std::string> lacking{};  ///< by release that is not ready: the given Secrets that are missing
    Asked<std::vector<TopicSeen>> topics{};
    Asked<std::vector<DatabaseSeen>> databases{};
    Asked<std::vector<KafkaUserSeen>> kafka_users{};
};

// The steps, each of which may be repeated without harm.
struct AddFinalizer {
    friend bool operator==(const AddFinalizer&, const AddFinalizer&) = default;
};
struct RemoveFinalizer {
    friend bool operator==(const RemoveFinalizer&, const RemoveFinalizer&) = default;
};
/// Makes a Secret with a new password, and `username` as the name.
struct CreateSecret {
    std::string name{};
    std::string username{};
    friend bool operator==(const CreateSecret&, const CreateSecret&) = default;
};
struct DeleteSecret {
    std::string name{};
    friend bool operator==(const DeleteSecret&, const DeleteSecret&) = default;
};
struct DeleteClaim {
    std::string name{};
    friend bool operator==(const DeleteClaim&, const DeleteClaim&) = default;
};
/// Takes away the record of a revision that a killed helm left pending.
struct UnlockRelease {
    std::string name{};
    std::int64_t revision = 0;
    friend bool operator==(const UnlockRelease&, const UnlockRelease&) = default;
};
struct InstallRelease {
    std::string name{};
    friend bool operator==(const InstallRelease&, const InstallRelease&) = default;
};
struct UninstallRelease {
    std::string name{};
    friend bool operator==(const UninstallRelease&, const UninstallRelease&) = default;
};
struct CreateTopics {
    std::vector<std::string> names{};
    friend bool operator==(const CreateTopics&, const CreateTopics&) = default;
};
struct GrowTopic {
    std::string name{};
    std::int32_t partitions = 0;
    friend bool operator==(const GrowTopic&, const GrowTopic&) = default;
};
struct ConfigureTopic {
    std::string name{};
    friend bool operator==(const ConfigureTopic&, const ConfigureTopic&) = default;
};
struct DeleteTopics {
    std::vector<std::string> names{};
    friend bool operator==(const DeleteTopics&, const DeleteTopics&) = default;
};
/// Makes the database and its two users what they should be.
struct ProvisionDatabase {
    std::string name{};
    friend bool operator==(const ProvisionDatabase&, const ProvisionDatabase&) = default;
};
/// Makes the user what it should be.
struct ProvisionKafkaUser {
    std::string name{};
    friend bool operator==(const ProvisionKafkaUser&, const ProvisionKafkaUser&) = default;
};
struct DropKafkaUser {
    std::string name{};
    friend bool operator==(const DropKafkaUser&, const DropKafkaUser&) = default;
};
struct DropDatabase {
    std::string name{};
    friend bool operator==(const DropDatabase&, const DropDatabase&) = default;
};

using Step = std::variant<
    AddFinalizer,
    CreateSecret,
    UnlockRelease,
    InstallRelease,
    UninstallRelease,
    CreateTopics,
    GrowTopic,
    ConfigureTopic,
    ProvisionDatabase,
    ProvisionKafkaUser,
    DeleteTopics,
    DropKafkaUser,
    DropDatabase,
    DeleteClaim,
    DeleteSecret,
    RemoveFinalizer>;

/// "install release order", for logs and conditions.
[[nodiscard]] std::string describe(const Step& step);

}  // namespace platform::reconcile
