#include "operator/reconcile/assess.hpp"

#include "operator/reconcile/plan.hpp"

#include <algorithm>
#include <format>

namespace platform::reconcile {
namespace {

using api::Condition;
using api::Truth;
using State = ReleaseSeen::State;

constexpr std::size_t kLongestMessage = 1000;

Condition condition(std::string type, Truth status, std::string reason, std::string message) {
    if (message.size() > kLongestMessage) message.resize(kLongestMessage);
    return {
        .type = std::move(type),
        .status = status,
        .reason = std::move(reason),
        .message = std::move(message),
        .observed_generation = 0,
        .last_transition = {}
    };
}

void add_to(std::string& list, const std::string& entry) {
    if (!list.empty()) list += "; ";
    list += entry;
}

struct ReleaseView {
    bool ready = false;
    bool failed = false;
    std::string waiting;  ///< what for, empty when ready
    std::int64_t pods_ready = 0;
    std::int64_t pods_wanted = 0;
};

ReleaseView look_at(const ReleaseWanted& release, const Observed& observed, const std::vector<Step>& next) {
    ReleaseView view;
    const auto found = observed.releases.find(release.name);
    const ReleaseSeen seen = found == observed.releases.end() ? ReleaseSeen{} : found->second;
    const bool planned = std::ranges::find(next, Step(InstallRelease{release.name})) != next.end();
    const bool as_wanted = seen.state == State::Deployed && seen.digest == release.digest;
    if (!as_wanted) {
        view.failed = seen.state == State::Failed;
        view.waiting = std::format(
            "release {} {}",
            release.name,
            planned ? (seen.state == State::Absent ? "is being installed" : "is being changed")
            : seen.state == State::Absent ? "waits for what it needs"
                                          : "waits to be changed"
        );
    }
    for (const std::string& name : release.workloads) {
        const auto state = observed.workloads.find(release.workload_kind + "/" + name);
        if (state == observed.workloads.end()) {
            if (as_wanted)
                add_to(view.waiting, std::format("{} {} is not there yet", release.workload_kind, name));
            continue;
        }
        view.pods_ready += state->second.ready;
        view.pods_wanted += state->second.wanted;
        if (state->second.stuck) {
            view.failed = true;
            add_to(
                view.waiting,
                std::format("{} {} does not come up: {}", release.workload_kind, name, state->second.message)
            );
        } else if (!state->second.is_ready()) {
            add_to(
                view.waiting,
                std::format(
                    "{} {} has {} of {} pods ready",
                    release.workload_kind,
                    name,
                    state->second.ready,
                    state->second.wanted
                )
            );
        }
    }
    const auto lacking = observed.lacking.find(release.name);
    if (!view.waiting.empty() && lacking != observed.lacking.end()) add_to(view.waiting, lacking->second);
    view.ready = view.waiting.empty();
    return view;
}

/// One condition for the releases of some layers.
Condition releases_condition(
    const char* type,
    const Desired& desired,
    const Observed& observed,
    const std::vector<Step>& next,
    bool (*belongs)(Layer),
    const std::string& off
) {
    std::string waiting;
    std::size_t wanted = 0;
    bool failed = false;
    for (const ReleaseWanted& release : desired.releases) {
        if (!belongs(release.layer)) continue;
        if (!release.enabled) {
            const auto seen = observed.releases.find(release.name);
            if (seen != observed.releases.end() && seen->second.state != State::Absent) {
                add_to(waiting, std::format("release {} is being removed", release.name));
            }
            continue;
        }
        ++wanted;
        const ReleaseView view = look_at(release, observed, next);
        failed = failed || view.failed;
        if (!view.ready) add_to(waiting, view.waiting);
    }
    if (!waiting.empty())
        return condition(type, Truth::False, failed ? "Failing" : "Progressing", "waiting: " + waiting);
    if (wanted == 0) return condition(type, Truth::True, "Disabled", off);
    return condition(
        type, Truth::True, "Succeeded", std::format("{} of {} releases are ready", wanted, wanted)
    );
}

template <class Value>
std::optional<Condition> unreadable(const char* type, const char* backend, const Asked<Value>& asked) {
    if (asked.error) {
        return condition(
            type,
            Truth::Unknown,
            std::string(backend) + "Unreachable",
            std::string(backend) + " does not answer: " + asked.error->what
        );
    }
    if (!asked.value) return condition(type, Truth::False, "DependencyNotReady", "waiting: " + asked.waiting);
    return std::nullopt;
}

Condition topics_condition(const Desired& desired, const Observed& observed, std::string& summary) {
    const std::size_t wanted = desired.topics.size();
    summary = std::format("0/{}", wanted);
    if (auto answer = unreadable("TopicsReady", "Kafka", observed.topics)) {
        if (observed.topics.error) summary = std::format("?/{}", wanted);
        return *answer;
    }
    if (observed.kafka_users.error) return *unreadable("TopicsReady", "Kafka", observed.kafka_users);
    std::string missing;
    std::size_t good = 0;
    for (const TopicWanted& topic : desired.topics) {
        const auto seen = std::ranges::find(*observed.topics.value, topic.name, &TopicSeen::name);
        if (seen == observed.topics.value->end()) {
            add_to(missing, topic.name);
        } else if (seen->partitions < topic.partitions) {
            add_to(
                missing,
                std::format("{} has {} of {} partitions", topic.name, seen->partitions, topic.partitions)
            );
        } else {
            ++good;
        }
    }
    summary = std::format("{}/{}", good, wanted);
    for (const KafkaUserWanted& user : desired.kafka_users) {
        const auto& all = observed.kafka_users.value;
        const bool there = all && std::ranges::any_of(*all, [&](const KafkaUserSeen& seen) {
            return seen.name == user.name && seen.complete;
        });
        if (!there) add_to(missing, "user " + user.name);
    }
    if (!missing.empty())
        return condition("TopicsReady", Truth::False, "Progressing", "waiting for topics: " + missing);
    return condition("TopicsReady", Truth::True, "Succeeded", std::format("{} topics are there", wanted));
}

Condition databases_condition(const Desired& desired, const Observed& observed, std::string& summary) {
    const std::size_t wanted = desired.databases.size();
    summary = std::format("0/{}", wanted);
    if (auto answer = unreadable("DatabasesReady", "MySQL", observed.databases)) {
        if (observed.databases.error) summary = std::format("?/{}", wanted);
        return *answer;
    }
    std::string missing;
    std::size_t good = 0;
    for (const DatabaseWanted& database : desired.databases) {
        const auto seen = std::ranges::find(*observed.databases.value, database.name, &DatabaseSeen::name);
        if (seen != observed.databases.value->end() && seen->complete()) {
            ++good;
        } else {
            add_to(missing, database.name);
        }
    }
    summary = std::format("{}/{}", good, wanted);
    if (!missing.empty())
        return condition("DatabasesReady", Truth::False, "Progressing", "waiting for databases: " + missing);
    return condition(
        "DatabasesReady",
        Truth::True,
        "Succeeded",
        std::format("{} databases with their users are there", wanted)
    );
}

/// Ready is what its parts are; above them stands what keeps us from acting at all.
Condition ready_condition(
    const Observed& observed,
    const std::vector<Condition>& parts,
    const std::optional<Failure>& failure
) {
    if (!observed.invalid.empty()) return condition("Ready", Truth::False, "InvalidSpec", observed.invalid);
    if (!observed.rival.empty()) {
        return condition(
            "Ready",
            Truth::False,
            "ResourceConflict",
            std::format(
                "OrderPlatform {} is older and has this namespace; one namespace holds one platform",
                observed.rival
            )
        );
    }
    if (observed.deleting) {
        const std::string what = failure ? std::format("cannot {}: {}", failure->step, failure->error.what)
                                         : "the releases are being removed";
        return condition("Ready", Truth::False, failure ? "DeletionBlocked" : "Deleting", what);
    }
    if (failure) {
        return condition(
            "Ready",
            Truth::False,
            retryable(failure->error.kind) ? "ProgressingWithRetry" : "StepFailed",
            std::format("cannot {}: {}; trying again", failure->step, failure->error.what)
        );
    }
    if (observed.released)
        return condition(
            "Ready", Truth::Unknown, "Released", "the operator is being uninstalled, nothing is changed"
        );
    if (observed.suspended)
        return condition("Ready", Truth::Unknown, "Suspended", "spec.suspend is true, nothing is changed");
    for (const Condition& part : parts) {
        if (part.status != Truth::True) {
            return condition("Ready", Truth::False, part.reason, part.type + " is not True: " + part.message);
        }
    }
    return condition("Ready", Truth::True, "Succeeded", "everything is as wanted and ready");
}

}  // namespace

api::Status assess(
    std::int64_t generation,
    const Desired& desired,
    const Observed& observed,
    const std::vector<Step>& next,
    const std::optional<Failure>& failure
) {
    api::Status status;
    status.observed_generation = generation;
    std::vector<Condition> parts;
    const bool own = desired.kafka.own || desired.mysql.own || desired.redis.own;
    parts.push_back(releases_condition(
        "InfrastructureReady",
        desired,
        observed,
        next,
        [](Layer layer) { return layer == Layer::Infrastructure; },
        own ? "the layer is off; its data stays" : "Kafka, MySQL and Redis are given"
    ));
    if (desired.provision) {
        parts.push_back(topics_condition(desired, observed, status.summary.topics));
        parts.push_back(databases_condition(desired, observed, status.summary.databases));
    } else {
        parts.push_back(condition("TopicsReady", Truth::True, "Disabled", "no layer that needs topics is on")
        );
        parts.push_back(
            condition("DatabasesReady", Truth::True, "Disabled", "no layer that needs databases is on")
        );
    }
    parts.push_back(releases_condition(
        "ServicesReady",
        desired,
        observed,
        next,
        [](Layer layer) { return layer != Layer::Infrastructure; },
        "the layers services and platform are off; topics and data stay"
    ));

    std::size_t wanted = 0;
    std::size_t ready = 0;
    for (const ReleaseWanted& release : desired.releases) {
        const auto seen = observed.releases.find(release.name);
        const bool there = seen != observed.releases.end() && seen->second.state != State::Absent;
        const ReleaseView view = look_at(release, observed, next);
        if (release.enabled && release.layer != Layer::Infrastructure) {
            ++wanted;
            if (view.ready) ++ready;
        }
        if (there) {
            status.releases.push_back(
                {.name = release.name,
                 .revision = seen->second.revision,
                 .ready = std::format("{}/{}", view.pods_ready, view.pods_wanted)}
            );
        }
    }
    status.summary.services = std::format("{}/{}", ready, wanted);

    status.conditions.push_back(ready_condition(observed, parts, failure));
    for (Condition& part : parts) status.conditions.push_back(std::move(part));
    for (Condition& each : status.conditions) each.observed_generation = generation;
    return status;
}

}  // namespace platform::reconcile
