#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/mysql/session.hpp"
#include "shared/telemetry/metrics.hpp"

#include <memory>

namespace platform::mysql {

/// A bounded set of sessions to one database, made when first needed. A lost session is thrown away, not repaired. Thread-safe.
/// Metrics hikaricp_connections{pool}, _active, _idle, _pending, _max, _min, _timeout_total, _{acquire,usage,creation}_seconds.
class Pool {
public:
    Pool(std::string name, Options options, const Clock& clock, metrics::Registry& registry);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Gives its session back when destroyed.
    class Lease {
    public:
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        [[nodiscard]] Session& operator*() const { return *session_; }
        [[nodiscard]] Session* operator->() const { return session_.get(); }

    private:
        friend class Pool;
        Lease(Pool& pool, std::unique_ptr<Session> session, Instant since);
        Pool* pool_;
        std::unique_ptr<Session> session_;
        Instant since_;
    };

    /// Errors: Timeout (all in use for `within`); Unavailable; Denied, until the server has let the pool in once: after that a refusal is somebody's change on
    /// its side (a new password, TLS alone), which may pass, and Unavailable.
    [[nodiscard]] Result<Lease> acquire(Duration within = std::chrono::seconds(5));
    /// What the last attempt to reach the server said; from memory, for health.
    [[nodiscard]] bool reachable() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::mysql
