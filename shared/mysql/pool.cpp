#include "shared/mysql/pool.hpp"

#include "shared/core/check.hpp"
#include "shared/telemetry/log.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace platform::mysql {
namespace {

/// A session that lay idle for longer is asked whether it still lives before it is lent: a round trip less
/// often than a failed transaction after every restart of the server.
constexpr Duration kTrustedFor = std::chrono::milliseconds(500);

struct IdleSession {
    std::unique_ptr<Session> session;
    Instant since;
};

}  // namespace

struct Pool::Impl {
    Impl(std::string name, Options given, const Clock& time, metrics::Registry& registry)
        : options(std::move(given)),
          clock(time),
          pool_name(std::move(name)),
          connections(gauge(registry, "hikaricp_connections", "Sessions that exist")),
          active_count(gauge(registry, "hikaricp_connections_active", "Sessions that are lent")),
          idle_count(gauge(registry, "hikaricp_connections_idle", "Sessions that wait to be lent")),
          pending_count(gauge(registry, "hikaricp_connections_pending", "Threads that wait for a session")),
          timeouts(registry.counter(
              "hikaricp_connections_timeout_total",
              "Waits for a session that ended without one",
              {{"pool", pool_name}}
          )),
          acquire_time(registry.timer(
              "hikaricp_connections_acquire_seconds",
              "Time to get a session",
              {{"pool", pool_name}}
          )),
          usage_time(registry.timer(
              "hikaricp_connections_usage_seconds",
              "Time that a session is lent",
              {{"pool", pool_name}}
          )),
          creation_time(registry.timer(
              "hikaricp_connections_creation_seconds",
              "Time to make a session",
              {{"pool", pool_name}}
          )) {
        CHECK(options.pool_size > 0, "a pool has room for a session");
        gauge(registry, "hikaricp_connections_max", "Sessions that may exist")
            .set(static_cast<double>(options.pool_size));
        gauge(registry, "hikaricp_connections_min", "Sessions that are kept without being asked for: none").set(0);
        idle.reserve(options.pool_size);
    }

    [[nodiscard]] metrics::Gauge gauge(metrics::Registry& registry, const char* name, const char* help)
        const {
        return registry.gauge(name, help, {{"pool", pool_name}});
    }

    /// Takes one of the `pool_size` places. Needs `guard` locked.
    bool take_place(std::unique_lock<std::mutex>& guard, Duration within) {
        ++waiting;
        pending_count.set(static_cast<double>(waiting));
        const bool free = changed.wait_for(guard, within, [&] { return lent < options.pool_size; });
        --waiting;
        pending_count.set(static_cast<double>(waiting));
        if (free) ++lent;
        return free;
    }

    /// An idle session that still lives, or none. The dead ones are destroyed outside the lock.
    std::unique_ptr<Session> take_idle() {
        while (true) {
            IdleSession found;
            Instant doubted;
            {
                const std::scoped_lock guard(mutex);
                if (idle.empty()) return nullptr;
                found = std::move(idle.back());
                idle.pop_back();
                doubted = doubted_before;
            }
            if (found.since > doubted && clock.now() - found.since < kTrustedFor)
                return std::move(found.session);
            if (found.session->query(Sql("SELECT 1"))) {
                reachable = true;
                return std::move(found.session);
            }
        }
    }

    Result<std::unique_ptr<Session>> make() {
        const Instant started = clock.now();
        auto session = Session::connect(options);
        const bool answered = session.has_value();
        if (answered) {
            creation_time.record(clock.now() - started);
            let_in = true;
        } else if (let_in && session.error().kind == ErrorKind::Denied) {
            session.error().kind = ErrorKind::Unavailable;
        }
        if (reachable.exchange(answered) && !answered) {
            log::warn("database cannot be reached", {{"pool", pool_name}, {"why", session.error().what}});
        }
        return session;
    }

    /// A session, or the place of one that could not be made.
    void give_back(std::unique_ptr<Session> session) {
        std::unique_ptr<Session> dead;
        {
            const std::scoped_lock guard(mutex);
            if (session && session->usable()) {
                idle.push_back({.session = std::move(session), .since = clock.now()});
            } else if (session) {
                reachable = false;
                doubted_before = clock.now();
                dead = std::move(session);
            }
            --lent;
            publish();
        }
        changed.notify_one();
    }

    /// Needs `mutex`.
    void publish() const {
        active_count.set(static_cast<double>(lent));
        idle_count.set(static_cast<double>(idle.size()));
        connections.set(static_cast<double>(lent + idle.size()));
    }

    const Options options;
    const Clock& clock;
    const std::string pool_name;
    metrics::Gauge connections;
    metrics::Gauge active_count;
    metrics::Gauge idle_count;
    metrics::Gauge pending_count;
    metrics::Counter timeouts;
    metrics::Timer acquire_time;
    metrics::Timer usage_time;
    metrics::Timer creation_time;
    std::atomic<bool> reachable{true};
    std::atomic<bool> let_in{false};

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<IdleSession> idle;  // guarded by mutex; the last one is lent first
    std::size_t lent =
        0;  // guarded by mutex; idle.size() + lent <= pool_size, since a taker prefers idle ones
    std::size_t waiting = 0;   // guarded by mutex
    Instant doubted_before{};  // guarded by mutex; sessions idle since then are checked: another one was lost
};

Pool::Pool(std::string name, Options options, const Clock& clock, metrics::Registry& registry)
    : impl_(std::make_unique<Impl>(std::move(name), std::move(options), clock, registry)) {}

Pool::~Pool() {
    const std::scoped_lock guard(impl_->mutex);
    CHECK(impl_->lent == 0, "a pool outlives its leases");
}

Result<Pool::Lease> Pool::acquire(Duration within) {
    const Instant started = impl_->clock.now();
    {
        std::unique_lock guard(impl_->mutex);
        if (!impl_->take_place(guard, within)) {
            impl_->timeouts.add();
            return fail(ErrorKind::Timeout, "no session became free in time");
        }
    }
    std::unique_ptr<Session> session = impl_->take_idle();
    if (!session) {
        auto made = impl_->make();
        if (!made) {
            impl_->give_back(nullptr);
            return fail(std::move(made.error()));
        }
        session = *std::move(made);
    }
    const Instant now = impl_->clock.now();
    {
        const std::scoped_lock guard(impl_->mutex);
        impl_->publish();
    }
    impl_->acquire_time.record(now - started);
    return Lease(*this, std::move(session), now);
}

bool Pool::reachable() const {
    return impl_->reachable;
}

Pool::Lease::Lease(Pool& pool, std::unique_ptr<Session> session, Instant since)
    : pool_(&pool), session_(std::move(session)), since_(since) {}

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(other.pool_), session_(std::move(other.session_)), since_(other.since_) {}

Pool::Lease::~Lease() {
    if (!session_) return;
    pool_->impl_->usage_time.record(pool_->impl_->clock.now() - since_);
    pool_->impl_->give_back(std::move(session_));
}

}  // namespace platform::mysql
