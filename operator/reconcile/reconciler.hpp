#pragma once
#include "operator/reconcile/assess.hpp"
#include "operator/reconcile/desired.hpp"
#include "operator/reconcile/executor.hpp"
#include "operator/reconcile/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/telemetry/metrics.hpp"

#include <map>
#include <optional>
#include <string>

namespace platform::reconcile {

/// Brings one OrderPlatform a bit nearer to its spec each time it is called: look, decide, tell, act.
/// Level-driven: it depends on what is, not on what happened. One thread.
class Reconciler {
public:
    struct Options {
        Duration resync = std::chrono::seconds(60);  ///< when all is well
        Duration poll = std::chrono::seconds(2);     ///< while something is being waited for
        std::string started_at{};                    ///< of this process, RFC 3339
    };
    Reconciler(
        Options options,
        Defaults defaults,
        const Ports& ports,
        const Clock& clock,
        metrics::Registry& registry
    );

    struct Next {
        bool gone = false;    ///< nothing to come back for
        bool failed = false;  ///< come back with backoff
        Duration after{0};
    };
    [[nodiscard]] Next reconcile(const std::string& name);

private:
    struct Round {
        api::OrderPlatform platform;
        Credentials credentials{};
        Desired desired{};
        Observed observed{};
    };
    Result<void> observe(Round& round);
    Result<void> observe_secrets(Round& round);
    Result<void> observe_releases(Round& round);
    Result<void> observe_given_secrets(Round& round);
    void observe_backends(Round& round);
    void observe_kafka(Round& round);
    void leave_kafka() const;
    [[nodiscard]] std::string not_ready(const Round& round, const std::string& workload, bool own) const;
    Result<void> publish(Round& round, const std::vector<Step>& next);
    /// Counts the resources by their Ready condition; absent: the resource is gone.
    void count_ready(const std::string& name, std::optional<api::Truth> ready);
    Next failed(Round& round, const std::vector<Step>& next, Failure failure);

    const Options options_;
    const Defaults defaults_;
    Ports ports_;
    const Clock& clock_;
    metrics::Registry& registry_;
    metrics::Counter errors_;  // there from the start: a series that begins with the first failure has no increase
    std::map<std::string, api::Truth> ready_;  ///< by resource
    std::map<std::string, Failure> failures_;  ///< by resource: the step that failed in its last round
};

}  // namespace platform::reconcile
