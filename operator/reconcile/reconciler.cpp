#include "operator/reconcile/reconciler.hpp"

#include "operator/reconcile/plan.hpp"
#include "shared/core/time_text.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>

namespace platform::reconcile {

Reconciler::Reconciler(
    Options options,
    Defaults defaults,
    const Ports& ports,
    const Clock& clock,
    metrics::Registry& registry
)
    : options_(std::move(options)),
      defaults_(std::move(defaults)),
      ports_(ports),
      clock_(clock),
      registry_(registry),
      errors_(registry.counter(
          "controller_runtime_reconcile_errors_total", "Rounds that failed.", {{"controller", "orderplatform"}}
      )) {}

Reconciler::Next Reconciler::reconcile(const std::string& name) {
    auto platform = ports_.platforms.get(name);
    if (!platform) {
        if (platform.error().kind == ErrorKind::NotFound) {
            failures_.erase(name);
            count_ready(name, std::nullopt);
            leave_kafka();
            return {.gone = true};
        }
        log::warn("cannot read the resource", {{"resource", name}, {"reason", platform.error().what}});
        return {.failed = true};
    }
    Round round{.platform = std::move(*platform)};
    if (auto seen = observe(round); !seen) return failed(round, {}, {"look at the platform", seen.error()});
    const std::vector<Step> next = plan(round.desired, round.observed);

    if (auto published = publish(round, next); !published) {
        log::warn("cannot write the status", {{"resource", name}, {"reason", published.error().what}});
        return {.failed = true};
    }
    Executor executor(ports_, round.platform, round.desired, round.credentials);
    for (const Step& step : next) {
        const Instant started = clock_.now();
        auto taken = executor.take(step);
        if (!taken) return failed(round, next, {describe(step), taken.error()});
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started);
        log::info("step taken", {{"resource", name}, {"step", describe(step)}, {"took_ms", took.count()}});
    }
    const bool had_failed = failures_.erase(name) > 0;
    if (!next.empty()) return {.after = Duration::zero()};
    if (had_failed) return {.after = Duration::zero()};  // the status still tells of the failure
    const api::Condition* ready = api::find_condition(round.platform.status.conditions, "Ready");
    const bool settled =
        ready && (ready->status == api::Truth::True || !round.observed.rival.empty() ||
                  round.observed.suspended || round.observed.released || !round.observed.invalid.empty());
    return {.after = settled ? options_.resync : options_.poll};
}

Reconciler::Next Reconciler::failed(Round& round, const std::vector<Step>& next, Failure failure) {
    log::warn(
        "a step failed; trying again later",
        {{"resource", round.platform.name},
         {"step", failure.step},
         {"kind", platform::to_string(failure.error.kind)},
         {"reason", failure.error.what}}
    );
    errors_.add();
    failures_.insert_or_assign(round.platform.name, std::move(failure));
    // What could not be looked at is not judged: the old conditions stay but for Ready.
    if (round.desired.releases.empty()) return {.failed = true};
    if (auto published = publish(round, next); !published) {
        log::warn(
            "cannot write the status", {{"resource", round.platform.name}, {"reason", published.error().what}}
        );
    }
    return {.failed = true};
}

Result<void> Reconciler::observe(Round& round) {
    const api::OrderPlatform& platform = round.platform;
    Observed& observed = round.observed;
    observed.finalizer = platform.has_finalizer();
    observed.deleting = platform.deleting;
    observed.suspended = platform.spec.suspend;
    observed.released = !platform.released_at.empty() && platform.released_at > options_.started_at;
    observed.invalid = platform.invalid;
    observed.force_orphan = platform.force_orphan;
    observed.delete_data = platform.spec.deletion_policy == api::DeletionPolicy::Delete;
    observed.rival = ports_.platforms.older_than(platform);
    if (platform.deleting) {
        auto terminating = ports_.platforms.namespace_terminating();
        if (!terminating) return fail(terminating.error());
        observed.namespace_terminating = *terminating;
    }
    const bool hands_off = !observed.rival.empty() || observed.namespace_terminating;
    if (!hands_off) {
        if (auto read = observe_secrets(round); !read) return read;
    }
    round.desired = desired_state(platform.spec, defaults_, observed.secrets);
    if (hands_off || (!observed.invalid.empty() && !observed.deleting)) return {};
    if (auto read = observe_releases(round); !read) return read;
    if (observed.deleting) return {};
    observe_backends(round);
    return observe_given_secrets(round);
}

Result<void> Reconciler::observe_secrets(Round& round) {
    for (const std::string& name : secret_names(round.platform.spec)) {
        auto content = ports_.secrets.read(name);
        if (!content) return fail(content.error());
        if (!*content) continue;
        round.observed.secrets[name] = {.version = (*content)->version};
        round.credentials[name] = std::move(**content);
    }
    return {};
}

Result<void> Reconciler::observe_releases(Round& round) {
    for (const ReleaseWanted& release : round.desired.releases) {
        auto seen = ports_.releases.inspect(
            release.name,
            round.platform.status.revision_of(release.name),
            round.observed.deleting || !release.enabled
        );
        if (!seen) return fail(seen.error());
        round.observed.releases[release.name] = std::move(*seen);
        for (const std::string& name : release.workloads) {
            if (auto state = ports_.workloads.find(release.workload_kind, name)) {
                round.observed.workloads[release.workload_kind + "/" + name] = *state;
            }
        }
    }
    return {};
}

/// A pod that waits for a Secret says so in its own events alone. Only those of releases that are not ready are read.
Result<void> Reconciler::observe_given_secrets(Round& round) {
    for (const ReleaseWanted& release : round.desired.releases) {
        const bool ready = std::ranges::all_of(release.workloads, [&](const std::string& name) {
            const auto state = round.observed.workloads.find(release.workload_kind + "/" + name);
            return state != round.observed.workloads.end() && state->second.is_ready();
        });
        if (!release.enabled || ready) continue;
        std::string lacking;
        for (const GivenSecret& given : given_secrets(round.platform.spec, release.name)) {
            auto content = ports_.secrets.read(given.name);
            if (!content) return fail(content.error());
            const bool there = *content && (given.key.empty() || (*content)->entries.contains(given.key));
            if (there) continue;
            if (!lacking.empty()) lacking += "; ";
            lacking += "Secret " + given.name + (*content ? " has no entry " + given.key : " is not there");
        }
        if (!lacking.empty()) round.observed.lacking[release.name] = lacking;
    }
    return {};
}

/// Why a backend of our own cannot be asked yet; empty = it can.
std::string Reconciler::not_ready(const Round& round, const std::string& workload, bool own) const {
    if (!own) return {};
    const auto state = round.observed.workloads.find("StatefulSet/" + workload);
    if (state == round.observed.workloads.end()) {
        return round.desired.releases.front().enabled ? "StatefulSet " + workload + " is not there yet"
                                                      : "the infrastructure layer is off";
    }
    if (state->second.ready > 0) return {};
    return "StatefulSet " + workload + " has no ready pod";
}

void Reconciler::observe_backends(Round& round) {
    if (!round.observed.finalizer || !round.desired.provision) {
        round.observed.topics.waiting = round.observed.databases.waiting = round.observed.kafka_users.waiting =
            "the platform is not set up yet";
        leave_kafka();
        return;
    }
    Observed& observed = round.observed;
    observe_kafka(round);
    observed.databases.waiting = not_ready(round, "mysql", round.desired.mysql.own);
    if (!observed.databases.waiting.empty()) return;
    const Executor executor(ports_, round.platform, round.desired, round.credentials);
    const auto admin = executor.admin();
    if (!admin) {
        observed.databases.waiting = admin.error().what;
        return;
    }
    std::vector<DatabaseAccess> accesses;
    for (const DatabaseWanted& database : round.desired.databases)
        accesses.push_back(executor.access(database));
    auto databases = ports_.databases.observe(*admin, accesses);
    if (databases) {
        observed.databases.value = std::move(*databases);
    } else {
        observed.databases.error = databases.error();
    }
}

/// A client of a Kafka that is not there would look for it without end.
void Reconciler::leave_kafka() const {
    ports_.topics.disconnect();
    ports_.kafka_users.disconnect();
}

void Reconciler::observe_kafka(Round& round) {
    Observed& observed = round.observed;
    const Executor executor(ports_, round.platform, round.desired, round.credentials);
    const auto login = executor.kafka();
    // Without its certificates a Kafka of our own never becomes ready, so a missing Secret is named first.
    observed.topics.waiting = login ? not_ready(round, "kafka", round.desired.kafka.own) : login.error().what;
    observed.kafka_users.waiting = observed.topics.waiting;
    if (!observed.topics.waiting.empty()) {
        leave_kafka();
        return;
    }
    auto topics = ports_.topics.observe(*login, round.desired.topics);
    if (topics) {
        observed.topics.value = std::move(*topics);
    } else {
        observed.topics.error = topics.error();
    }
    if (round.desired.kafka_users.empty()) return;
    std::vector<KafkaUserAccess> accesses;
    for (const KafkaUserWanted& user : round.desired.kafka_users) accesses.push_back(executor.access(user));
    auto users = ports_.kafka_users.observe(*login, accesses);
    if (users) {
        observed.kafka_users.value = std::move(*users);
    } else {
        observed.kafka_users.error = users.error();
    }
}

void Reconciler::count_ready(const std::string& name, std::optional<api::Truth> ready) {
    if (ready) {
        ready_.insert_or_assign(name, *ready);
    } else {
        ready_.erase(name);
    }
    for (const auto truth : {api::Truth::True, api::Truth::False, api::Truth::Unknown}) {
        const auto count = std::ranges::count(ready_, truth, [](const auto& one) { return one.second; });
        registry_
            .gauge(
                "orderplatform_resources",
                "OrderPlatforms by their Ready condition.",
                {{"ready", std::string(api::to_string(truth))}}
            )
            .set(static_cast<double>(count));
    }
}

Result<void> Reconciler::publish(Round& round, const std::vector<Step>& next) {
    // Of a resource that has no finalizer any more there may be nothing left to write to.
    if (round.platform.deleting && !round.observed.finalizer) return {};
    const auto remembered = failures_.find(round.platform.name);
    const std::optional<Failure> failure =
        remembered == failures_.end() ? std::nullopt : std::optional<Failure>(remembered->second);
    api::Status status = assess(round.platform.generation, round.desired, round.observed, next, failure);
    api::keep_transitions(status.conditions, round.platform.status.conditions, to_rfc3339(clock_.wall()));
    const api::Condition* now = api::find_condition(status.conditions, "Ready");
    count_ready(round.platform.name, now ? now->status : api::Truth::Unknown);
    if (status == round.platform.status) return {};
    auto written = ports_.platforms.set_status(round.platform, status);
    if (!written) {
        // Deleted meanwhile: nobody is left to read it.
        if (written.error().kind == ErrorKind::NotFound) return {};
        return fail(written.error());
    }
    round.platform.resource_version = std::move(*written);
    const api::Condition* before = api::find_condition(round.platform.status.conditions, "Ready");
    const api::Condition* after = api::find_condition(status.conditions, "Ready");
    if (after && (!before || before->status != after->status || before->reason != after->reason)) {
        const bool warning = after->reason == "Failing" || after->reason == "StepFailed" ||
                             after->reason == "InvalidSpec" || after->reason == "ResourceConflict" ||
                             after->reason == "DeletionBlocked";
        ports_.platforms.tell(round.platform, after->reason, after->message, warning);
    }
    round.platform.status = std::move(status);
    return {};
}

}  // namespace platform::reconcile
