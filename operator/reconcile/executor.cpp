#include "operator/reconcile/executor.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <format>

namespace platform::reconcile {
namespace {

template <class Wanted>
const Wanted& named(const std::vector<Wanted>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &Wanted::name);
    CHECK(found != all.end(), "the planner names only what is desired");
    return *found;
}

struct Describe {
    std::string operator()(const AddFinalizer&) const { return "add the finalizer"; }
    std::string operator()(const RemoveFinalizer&) const { return "remove the finalizer"; }
    std::string operator()(const CreateSecret& step) const { return "create Secret " + step.name; }
    std::string operator()(const DeleteSecret& step) const { return "delete Secret " + step.name; }
    std::string operator()(const DeleteClaim& step) const { return "delete volume claim " + step.name; }
    std::string operator()(const UnlockRelease& step) const {
        return std::format("unlock release {} at revision {}", step.name, step.revision);
    }
    std::string operator()(const InstallRelease& step) const { return "install release " + step.name; }
    std::string operator()(const UninstallRelease& step) const { return "uninstall release " + step.name; }
    std::string operator()(const CreateTopics& step) const {
        return std::format("create {} topics", step.names.size());
    }
    std::string operator()(const GrowTopic& step) const {
        return std::format("grow topic {} to {} partitions", step.name, step.partitions);
    }
    std::string operator()(const ConfigureTopic& step) const { return "configure topic " + step.name; }
    std::string operator()(const ProvisionDatabase& step) const { return "provision database " + step.name; }
    std::string operator()(const ProvisionKafkaUser& step) const { return "provision Kafka user " + step.name; }
    std::string operator()(const DropKafkaUser& step) const { return "drop Kafka user " + step.name; }
    std::string operator()(const DeleteTopics& step) const {
        return std::format("delete {} topics", step.names.size());
    }
    std::string operator()(const DropDatabase& step) const { return "drop database " + step.name; }
};

}  // namespace

std::string describe(const Step& step) {
    return std::visit(Describe{}, step);
}

Result<void> Executor::take(const Step& step) {
    return std::visit([this](const auto& one) { return (*this)(one); }, step);
}

std::string Executor::entry(const std::string& secret, const std::string& key) const {
    const auto found = credentials_.find(secret);
    if (found == credentials_.end()) return {};
    const auto value = found->second.entries.find(key);
    return value == found->second.entries.end() ? std::string{} : value->second;
}

Result<MysqlLogin> Executor::admin() const {
    const MysqlWanted& mysql = desired_.mysql;
    MysqlLogin login{
        .host = mysql.host,
        .port = mysql.port,
        .user = mysql.user_key.empty() ? "root" : entry(mysql.admin_secret, mysql.user_key),
        .password = entry(mysql.admin_secret, mysql.password_key),
        .ca = {}
    };
    if (auto trusted = authorities(); trusted) {
        login.ca = *std::move(trusted);
    } else {
        return fail(trusted.error());
    }
    if (login.user.empty() || login.password.empty()) {
        return fail(
            ErrorKind::Unavailable,
            std::format(
                "Secret {} has no entry {}{}",
                mysql.admin_secret,
                mysql.password_key,
                mysql.user_key.empty() ? "" : " or " + mysql.user_key
            )
        );
    }
    return login;
}

Result<std::string> Executor::authorities() const {
    if (!desired_.tls.enabled) return std::string{};
    std::string text = entry(desired_.tls.secret, kAuthorities);
    if (text.empty())
        return fail(ErrorKind::Unavailable, std::format("Secret {} has no entry {}", desired_.tls.secret, kAuthorities));
    return text;
}

Result<KafkaLogin> Executor::kafka() const {
    const KafkaWanted& kafka = desired_.kafka;
    KafkaLogin login{.bootstrap_servers = kafka.bootstrap_servers};
    if (!desired_.tls.enabled) return login;
    auto trusted = authorities();
    if (!trusted) return fail(std::move(trusted).error());
    login.ca = *std::move(trusted);
    login.user = entry(kafka.admin_secret, "username");
    login.password = entry(kafka.admin_secret, "password");
    if (login.user.empty() || login.password.empty()) {
        return fail(ErrorKind::Unavailable, std::format("Secret {} has no entry username or password", kafka.admin_secret));
    }
    return login;
}

KafkaUserAccess Executor::access(const KafkaUserWanted& user) const {
    return {.wanted = user, .password = entry(user.secret, "password")};
}

DatabaseAccess Executor::access(const DatabaseWanted& database) const {
    return {
        .wanted = database,
        .password = entry(database.secret, "password"),
        .ddl_password = entry(database.ddl_secret, "password")
    };
}

Result<void> Executor::operator()(const AddFinalizer&) {
    return ports_.platforms.set_finalizer(platform_, true);
}

Result<void> Executor::operator()(const RemoveFinalizer&) {
    return ports_.platforms.set_finalizer(platform_, false);
}

Result<void> Executor::operator()(const CreateSecret& step) {
    const std::map<std::string, std::string> entries{
        {"username", step.username}, {"password", ports_.secrets.make_password()}
    };
    if (auto created = ports_.secrets.create(step.name, entries); !created) return created;
    // Read back: it may have existed, with another password.
    auto stored = ports_.secrets.read(step.name);
    if (!stored) return fail(stored.error());
    if (!*stored) return fail(ErrorKind::Unavailable, "Secret " + step.name + " is gone again");
    credentials_[step.name] = std::move(**stored);
    return {};
}

Result<void> Executor::operator()(const DeleteSecret& step) {
    return ports_.secrets.remove(step.name);
}

Result<void> Executor::operator()(const DeleteClaim& step) {
    return ports_.claims.remove(step.name);
}

Result<void> Executor::operator()(const UnlockRelease& step) {
    return ports_.releases.unlock(step.name, step.revision);
}

Result<void> Executor::operator()(const InstallRelease& step) {
    return ports_.releases.install(named(desired_.releases, step.name));
}

Result<void> Executor::operator()(const UninstallRelease& step) {
    return ports_.releases.uninstall(step.name);
}

Result<void> Executor::operator()(const CreateTopics& step) {
    std::vector<TopicWanted> topics;
    for (const std::string& name : step.names) topics.push_back(named(desired_.topics, name));
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.topics.create(*login, topics);
}

Result<void> Executor::operator()(const GrowTopic& step) {
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.topics.grow(*login, step.name, step.partitions);
}

Result<void> Executor::operator()(const ConfigureTopic& step) {
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.topics.configure(*login, named(desired_.topics, step.name));
}

Result<void> Executor::operator()(const ProvisionDatabase& step) {
    const auto login = admin();
    if (!login) return fail(login.error());
    return ports_.databases.provision(*login, access(named(desired_.databases, step.name)));
}

Result<void> Executor::operator()(const DeleteTopics& step) {
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.topics.remove(*login, step.names);
}

Result<void> Executor::operator()(const ProvisionKafkaUser& step) {
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.kafka_users.provision(*login, access(named(desired_.kafka_users, step.name)));
}

Result<void> Executor::operator()(const DropKafkaUser& step) {
    const auto login = kafka();
    if (!login) return fail(login.error());
    return ports_.kafka_users.drop(*login, named(desired_.kafka_users, step.name));
}

Result<void> Executor::operator()(const DropDatabase& step) {
    const auto login = admin();
    if (!login) return fail(login.error());
    return ports_.databases.drop(*login, named(desired_.databases, step.name));
}

}  // namespace platform::reconcile
