#pragma once
#include "operator/reconcile/desired.hpp"
#include "operator/reconcile/ports.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace platform::reconcile::test {

inline Defaults defaults() {
    return {
        .repository_prefix = "here/platform",
        .tag = "1",
        .pull_policy = "IfNotPresent",
        .kafka_image = "apache/kafka:4.1.0",
        .mysql_image = "mysql:8.4",
        .redis_image = "redis:7",
        .chart_digests = {{"infrastructure", "i1"}, {"service", "s1"}}
    };
}

/// A cluster, a Kafka and a MySQL in memory behind all ports of the reconciler. Workloads become ready when
/// settle() is called. `before` is asked before each call that changes something; an Error from it makes the
/// call fail without effect, and `after` makes it fail after its effect.
class FakeWorld final : public Platforms,
                        public Secrets,
                        public Claims,
                        public Releases,
                        public Topics,
                        public Databases,
                        public KafkaUsers,
                        public WorkloadView {
public:
    struct Release {
        ReleaseSeen seen{};
        ReleaseWanted wanted{};
    };
    struct User {
        std::string password{};
        bool rights = false;
    };

    // What there is.
    bool exists = true;
    api::OrderPlatform resource{
        .name = "orders",
        .name_space = "shop",
        .uid = "u1",
        .created_at = "2026-01-01",
        .generation = 1
    };
    std::string rival{};
    bool terminating = false;
    std::map<std::string, SecretContent> stored_secrets{};
    std::set<std::string> stored_claims{"data-kafka-0", "data-mysql-0", "data-redis-0"};
    std::map<std::string, Release> installed{};
    std::map<std::string, TopicSeen> kafka{};
    std::set<std::string> schemas{};
    std::map<std::string, User> users{};
    std::map<std::string, User> kafka_accounts{};
    std::map<std::string, control::WorkloadState> states{};
    bool kafka_up = true;
    bool mysql_up = true;

    // What happened.
    std::vector<std::string> changes{};
    int status_writes = 0;
    std::vector<std::string> events{};

    std::function<std::optional<Error>()> before = [] { return std::nullopt; };
    std::function<std::optional<Error>()> after = [] { return std::nullopt; };

    Ports ports() { return {*this, *this, *this, *this, *this, *this, *this, *this}; }

    /// Every workload of an installed release gets its pods.
    void settle() {
        states.clear();
        for (const auto& [name, release] : installed) {
            for (const std::string& workload : release.wanted.workloads) {
                states[release.wanted.workload_kind + "/" + workload] = {
                    .wanted = 1, .ready = 1, .current = true, .stuck = false, .message = ""
                };
            }
        }
    }

    // Platforms
    Result<api::OrderPlatform> get(const std::string&) override {
        if (!exists) return fail(ErrorKind::NotFound, "gone");
        return resource;
    }
    std::string older_than(const api::OrderPlatform&) const override { return rival; }
    Result<void> set_finalizer(const api::OrderPlatform& platform, bool present) override {
        return change(present ? "add finalizer" : "remove finalizer", [&]() -> Result<void> {
            if (platform.resource_version != resource.resource_version)
                return fail(ErrorKind::Conflict, "changed");
            resource.finalizers.clear();
            if (present) resource.finalizers.emplace_back(api::kFinalizer);
            if (!present && resource.deleting) exists = false;
            touch();
            return {};
        });
    }
    Result<std::string> set_status(const api::OrderPlatform&, const api::Status& status) override {
        ++status_writes;
        resource.status = status;
        touch();
        return resource.resource_version;
    }
    Result<bool> namespace_terminating() override { return terminating; }
    void tell(const api::OrderPlatform&, const std::string& reason, const std::string&, bool) override {
        events.push_back(reason);
    }

    // Secrets
    Result<std::optional<SecretContent>> read(const std::string& name) override {
        const auto found = stored_secrets.find(name);
        if (found == stored_secrets.end()) return std::nullopt;
        return found->second;
    }
    Result<void> create(const std::string& name, const std::map<std::string, std::string>& entries) override {
        return change("create secret " + name, [&]() -> Result<void> {
            stored_secrets.try_emplace(
                name, SecretContent{.version = std::to_string(++version_), .entries = entries}
            );
            return {};
        });
    }
    std::string make_password() override { return "password-" + std::to_string(++version_); }

    // Secrets and Claims share the name of their removal.
    Result<void> remove(const std::string& name) override {
        return change("remove " + name, [&]() -> Result<void> {
            stored_secrets.erase(name);
            stored_claims.erase(name);
            return {};
        });
    }

    // Releases
    Result<ReleaseSeen> inspect(const std::string& name, std::int64_t, bool) override {
        const auto found = installed.find(name);
        return found == installed.end() ? ReleaseSeen{} : found->second.seen;
    }
    Result<void> install(const ReleaseWanted& release) override {
        return change("install " + release.name, [&]() -> Result<void> {
            auto& entry = installed[release.name];
            if (entry.seen.state == ReleaseSeen::State::Locked)
                return fail(ErrorKind::Internal, "another operation is in progress");
            entry.seen = {
                .state = ReleaseSeen::State::Deployed,
                .revision = entry.seen.revision + 1,
                .digest = release.digest
            };
            entry.wanted = release;
            // As the chart does: certificates that nobody gave are made, once.
            if (release.values.contains(R"("tls":{"enabled":true,"existingSecret":""})")) {
                stored_secrets.try_emplace(
                    "infrastructure-tls", SecretContent{.version = std::to_string(++version_), .entries = {{"ca.crt", "pem"}}}
                );
            }
            return {};
        });
    }
    Result<void> uninstall(const std::string& name) override {
        return change("uninstall " + name, [&]() -> Result<void> {
            installed.erase(name);
            settle();
            return {};
        });
    }
    Result<void> unlock(const std::string& name, std::int64_t revision) override {
        return change("unlock " + name, [&]() -> Result<void> {
            auto& seen = installed[name].seen;
            if (seen.state != ReleaseSeen::State::Locked || seen.revision != revision)
                return fail(ErrorKind::NotFound, "not locked");
            seen = {.state = ReleaseSeen::State::Deployed, .revision = revision - 1, .digest = "older"};
            if (revision == 1) installed.erase(name);
            return {};
        });
    }

    // Topics
    Result<std::vector<TopicSeen>> observe(const KafkaLogin&, const std::vector<TopicWanted>& wanted)
        override {
        if (!kafka_up) return fail(ErrorKind::Unavailable, "no broker");
        std::vector<TopicSeen> seen;
        for (const auto& topic : wanted) {
            if (kafka.contains(topic.name)) seen.push_back(kafka[topic.name]);
        }
        return seen;
    }
    Result<void> create(const KafkaLogin&, const std::vector<TopicWanted>& topics) override {
        return change("create topics", [&]() -> Result<void> {
            for (const auto& topic : topics) {
                kafka.try_emplace(
                    topic.name,
                    TopicSeen{.name = topic.name, .partitions = topic.partitions, .config = topic.config}
                );
            }
            return {};
        });
    }
    Result<void> grow(const KafkaLogin&, const std::string& name, std::int32_t partitions) override {
        return change("grow " + name, [&]() -> Result<void> {
            if (partitions < kafka.at(name).partitions)
                return fail(ErrorKind::Invalid, "partitions cannot shrink");
            kafka[name].partitions = partitions;
            return {};
        });
    }
    Result<void> configure(const KafkaLogin&, const TopicWanted& topic) override {
        return change("configure " + topic.name, [&]() -> Result<void> {
            for (const auto& [key, value] : topic.config) kafka[topic.name].config[key] = value;
            return {};
        });
    }
    Result<void> remove(const KafkaLogin&, const std::vector<std::string>& names) override {
        return change("remove topics", [&]() -> Result<void> {
            for (const auto& name : names) kafka.erase(name);
            return {};
        });
    }
    void disconnect() override {}

    // Databases
    Result<std::vector<DatabaseSeen>> observe(const MysqlLogin&, const std::vector<DatabaseAccess>& databases)
        override {
        if (!mysql_up) return fail(ErrorKind::Unavailable, "no server");
        std::vector<DatabaseSeen> seen;
        for (const auto& [wanted, password, ddl_password] : databases) {
            seen.push_back(
                {.name = wanted.name,
                 .database = schemas.contains(wanted.name),
                 .user = opens(wanted.user, password),
                 .ddl_user = opens(wanted.ddl_user, ddl_password)}
            );
        }
        return seen;
    }
    Result<void> provision(const MysqlLogin&, const DatabaseAccess& database) override {
        return change("provision " + database.wanted.name, [&]() -> Result<void> {
            if (database.password.empty() || database.ddl_password.empty())
                return fail(ErrorKind::Invalid, "no password");
            schemas.insert(database.wanted.name);
            users[database.wanted.user] = {.password = database.password, .rights = true};
            users[database.wanted.ddl_user] = {.password = database.ddl_password, .rights = true};
            return {};
        });
    }
    Result<void> drop(const MysqlLogin&, const DatabaseWanted& database) override {
        return change("drop " + database.name, [&]() -> Result<void> {
            schemas.erase(database.name);
            users.erase(database.user);
            users.erase(database.ddl_user);
            return {};
        });
    }

    // KafkaUsers
    Result<std::vector<KafkaUserSeen>> observe(const KafkaLogin& admin, const std::vector<KafkaUserAccess>& all) override {
        if (!kafka_up) return fail(ErrorKind::Unavailable, "no broker");
        if (admin.ca.empty() || admin.password.empty()) return fail(ErrorKind::Denied, "not the administrator");
        std::vector<KafkaUserSeen> seen;
        for (const auto& [wanted, password] : all) {
            const auto found = kafka_accounts.find(wanted.name);
            const bool good = found != kafka_accounts.end() && !password.empty() && found->second.password == password;
            seen.push_back({.name = wanted.name, .complete = good});
        }
        return seen;
    }
    Result<void> provision(const KafkaLogin&, const KafkaUserAccess& user) override {
        return change("provision kafka user " + user.wanted.name, [&]() -> Result<void> {
            if (user.password.empty()) return fail(ErrorKind::Invalid, "no password");
            kafka_accounts[user.wanted.name] = {.password = user.password, .rights = true};
            return {};
        });
    }
    Result<void> drop(const KafkaLogin&, const KafkaUserWanted& user) override {
        return change("drop kafka user " + user.name, [&]() -> Result<void> {
            kafka_accounts.erase(user.name);
            return {};
        });
    }

    // WorkloadView
    std::optional<control::WorkloadState> find(const std::string& kind, const std::string& name)
        const override {
        const auto found = states.find(kind + "/" + name);
        if (found == states.end()) return std::nullopt;
        return found->second;
    }

private:
    bool opens(const std::string& user, const std::string& password) {
        return !password.empty() && users.contains(user) && users[user].password == password &&
               users[user].rights;
    }
    Result<void> change(const std::string& what, const std::function<Result<void>()>& effect) {
        if (auto error = before()) return fail(*error);
        auto done = effect();
        if (!done) return done;
        changes.push_back(what);
        if (auto error = after()) return fail(*error);
        return {};
    }
    void touch() { resource.resource_version = std::to_string(++version_); }
    int version_ = 0;
};

}  // namespace platform::reconcile::test
