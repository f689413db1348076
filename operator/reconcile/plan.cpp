#include "operator/reconcile/plan.hpp"

#include "operator/reconcile/desired.hpp"

#include <algorithm>
#include <ranges>

namespace platform::reconcile {
namespace {

using State = ReleaseSeen::State;

ReleaseSeen release_of(const Observed& observed, const std::string& name) {
    const auto found = observed.releases.find(name);
    return found == observed.releases.end() ? ReleaseSeen{} : found->second;
}

template <class Seen>
const Seen* find_named(const std::vector<Seen>& all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &Seen::name);
    return found == all.end() ? nullptr : &*found;
}

void plan_topics(std::vector<Step>& steps, const Desired& desired, const Observed& observed) {
    if (!observed.topics.value) return;
    CreateTopics create;
    for (const TopicWanted& topic : desired.topics) {
        const TopicSeen* seen = find_named(*observed.topics.value, topic.name);
        if (!seen) {
            create.names.push_back(topic.name);
            continue;
        }
        if (seen->partitions < topic.partitions) steps.emplace_back(GrowTopic{topic.name, topic.partitions});
        const bool configured = std::ranges::all_of(topic.config, [&](const auto& entry) {
            const auto value = seen->config.find(entry.first);
            return value != seen->config.end() && value->second == entry.second;
        });
        if (!configured) steps.emplace_back(ConfigureTopic{topic.name});
    }
    if (!create.names.empty()) steps.emplace_back(std::move(create));
}

void plan_databases(std::vector<Step>& steps, const Desired& desired, const Observed& observed) {
    if (!observed.databases.value) return;
    for (const DatabaseWanted& database : desired.databases) {
        if (!observed.secrets.contains(database.secret))
            steps.emplace_back(CreateSecret{database.secret, database.user});
        if (!observed.secrets.contains(database.ddl_secret)) {
            steps.emplace_back(CreateSecret{database.ddl_secret, database.ddl_user});
        }
        const DatabaseSeen* seen = find_named(*observed.databases.value, database.name);
        if (!seen || !seen->complete()) steps.emplace_back(ProvisionDatabase{database.name});
    }
}

void plan_kafka_users(std::vector<Step>& steps, const Desired& desired, const Observed& observed) {
    if (!observed.kafka_users.value) return;
    for (const KafkaUserWanted& user : desired.kafka_users) {
        if (!observed.secrets.contains(user.secret)) steps.emplace_back(CreateSecret{user.secret, user.name});
        const KafkaUserSeen* seen = find_named(*observed.kafka_users.value, user.name);
        if (!seen || !seen->complete) steps.emplace_back(ProvisionKafkaUser{user.name});
    }
}

/// Whether the Secrets are there that the pods of a release log in with.
bool secrets_there(const ReleaseWanted& release, const Desired& desired, const Observed& observed) {
    const auto database = std::ranges::find(desired.databases, release.database, &DatabaseWanted::name);
    const auto user = std::ranges::find(desired.kafka_users, release.kafka_user, &KafkaUserWanted::name);
    return (database == desired.databases.end() ||
            (observed.secrets.contains(database->secret) && observed.secrets.contains(database->ddl_secret))) &&
           (user == desired.kafka_users.end() || observed.secrets.contains(user->secret));
}

/// Pods mount the Secret with the authorities that they trust; without it they would never start.
bool certificates_there(const ReleaseWanted& release, const Desired& desired, const Observed& observed) {
    return release.layer == Layer::Infrastructure || !desired.tls.enabled || observed.secrets.contains(desired.tls.secret);
}

/// What a service needs before its first start.
bool can_start(const ReleaseWanted& release, const Desired& desired, const Observed& observed) {
    if (release.database.empty()) return true;
    const auto wanted = std::ranges::find(desired.databases, release.database, &DatabaseWanted::name);
    if (wanted == desired.databases.end()) return false;
    if (!secrets_there(release, desired, observed)) return false;
    if (!release.kafka_user.empty()) {
        const KafkaUserSeen* user =
            observed.kafka_users.value ? find_named(*observed.kafka_users.value, release.kafka_user) : nullptr;
        if (!user || !user->complete) return false;
    }
    const DatabaseSeen* seen =
        observed.databases.value ? find_named(*observed.databases.value, release.database) : nullptr;
    return seen && seen->complete() && topics_complete(desired, observed);
}

/// The gateway comes after the services that it leads to.
bool services_come_first(
    const ReleaseWanted& release,
    const std::vector<Step>& steps,
    const Desired& desired,
    const Observed& observed
) {
    if (release.layer != Layer::Platform) return true;
    return std::ranges::all_of(desired.releases, [&](const ReleaseWanted& other) {
        if (other.layer != Layer::Services || !other.enabled) return true;
        return release_of(observed, other.name).state != State::Absent ||
               std::ranges::find(steps, Step(InstallRelease{other.name})) != steps.end();
    });
}

void plan_release(
    std::vector<Step>& steps,
    const ReleaseWanted& release,
    const Desired& desired,
    const Observed& observed
) {
    const ReleaseSeen seen = release_of(observed, release.name);
    if (!release.enabled) return;
    if (seen.state == State::Deployed && seen.digest == release.digest) return;
    if (!certificates_there(release, desired, observed)) return;
    // A lost Secret is replaced first; until then a change of the release would start pods that cannot log
    // in.
    const bool installed = seen.state != State::Absent && secrets_there(release, desired, observed);
    if (!installed && !can_start(release, desired, observed)) return;
    if (!installed && !services_come_first(release, steps, desired, observed)) return;
    if (seen.state == State::Locked) steps.emplace_back(UnlockRelease{release.name, seen.revision});
    steps.emplace_back(InstallRelease{release.name});
}

/// In the reverse order of installation, so that nothing loses what it stands on.
void plan_removals(std::vector<Step>& steps, const Desired& desired, const Observed& observed, bool all) {
    for (const ReleaseWanted& release : desired.releases | std::views::reverse) {
        if (release.enabled && !all) continue;
        const ReleaseSeen seen = release_of(observed, release.name);
        if (seen.state == State::Absent) continue;
        // A locked one too: helm removes what any record names, and without its record the objects would
        // stay.
        steps.emplace_back(UninstallRelease{release.name});
    }
}

void plan_loss_of_data(std::vector<Step>& steps, const Desired& desired, const Observed& observed) {
    if (!desired.kafka.own && !observed.force_orphan) {
        DeleteTopics topics;
        for (const TopicWanted& topic : desired.topics) topics.names.push_back(topic.name);
        steps.emplace_back(std::move(topics));
    }
    for (const KafkaUserWanted& user : desired.kafka_users) {
        if (!desired.kafka.own && !observed.force_orphan) steps.emplace_back(DropKafkaUser{user.name});
    }
    for (const DatabaseWanted& database : desired.databases) {
        if (!desired.mysql.own && !observed.force_orphan) steps.emplace_back(DropDatabase{database.name});
    }
    for (const std::string& claim : desired.claims) steps.emplace_back(DeleteClaim{claim});
    for (const DatabaseWanted& database : desired.databases) {
        for (const std::string& secret : {database.secret, database.ddl_secret}) {
            if (observed.secrets.contains(secret)) steps.emplace_back(DeleteSecret{secret});
        }
    }
    if (desired.mysql.own && observed.secrets.contains(desired.mysql.admin_secret)) {
        steps.emplace_back(DeleteSecret{desired.mysql.admin_secret});
    }
    for (const KafkaUserWanted& user : desired.kafka_users) {
        if (observed.secrets.contains(user.secret)) steps.emplace_back(DeleteSecret{user.secret});
    }
    if (desired.kafka.own && observed.secrets.contains(desired.kafka.admin_secret)) {
        steps.emplace_back(DeleteSecret{desired.kafka.admin_secret});
    }
    if (desired.tls.secret == kOwnCertificates && observed.secrets.contains(desired.tls.secret)) {
        steps.emplace_back(DeleteSecret{desired.tls.secret});
    }
}

std::vector<Step> plan_deletion(const Desired& desired, const Observed& observed) {
    std::vector<Step> steps;
    if (!observed.finalizer) return steps;
    // In a namespace that is going away everything goes by itself, and our rights with it; and who never
    // owned anything removes nothing.
    if (!observed.namespace_terminating && observed.rival.empty()) {
        plan_removals(steps, desired, observed, true);
        if (observed.delete_data) plan_loss_of_data(steps, desired, observed);
    }
    steps.emplace_back(RemoveFinalizer{});
    return steps;
}

}  // namespace

bool topics_complete(const Desired& desired, const Observed& observed) {
    if (!observed.topics.value) return false;
    std::vector<Step> missing;
    plan_topics(missing, desired, observed);
    return missing.empty();
}

std::vector<Step> plan(const Desired& desired, const Observed& observed) {
    if (observed.deleting) return plan_deletion(desired, observed);
    if (observed.suspended || observed.released || !observed.rival.empty() || !observed.invalid.empty())
        return {};
    if (!observed.finalizer) return {AddFinalizer{}};

    std::vector<Step> steps;
    plan_removals(steps, desired, observed, false);
    const bool own_mysql_wanted = desired.mysql.own && desired.releases.front().enabled;
    if (own_mysql_wanted && !observed.secrets.contains(desired.mysql.admin_secret)) {
        steps.emplace_back(CreateSecret{desired.mysql.admin_secret, "root"});
    }
    const bool own_kafka_wanted = desired.kafka.own && desired.releases.front().enabled && desired.tls.enabled;
    if (own_kafka_wanted && !observed.secrets.contains(desired.kafka.admin_secret)) {
        steps.emplace_back(CreateSecret{desired.kafka.admin_secret, "admin"});
    }
    if (desired.provision) {
        plan_kafka_users(steps, desired, observed);
        plan_topics(steps, desired, observed);
        plan_databases(steps, desired, observed);
    }
    for (const ReleaseWanted& release : desired.releases) plan_release(steps, release, desired, observed);
    return steps;
}

}  // namespace platform::reconcile
