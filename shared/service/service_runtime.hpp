#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/http/server.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/mysql/migrations.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/resilience/kit.hpp"
#include "shared/runtime/health.hpp"
#include "shared/runtime/worker.hpp"
#include "shared/service/service_config.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/tracing/tracer.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace platform::service {

/// The tables of a service.
struct Schema {
    std::vector<mysql::Migration> migrations;
    /// First rows, written after migrating with the user that migrates; has to be repeatable. May be empty.
    std::function<Result<void>(mysql::Session&)> seed;
};

/// Brings the schema up to date with `settings.mysql_ddl` (one try). Gives the number of statements that it
/// ran.
[[nodiscard]] Result<int> migrate(const Settings& settings, const Schema& schema);

/// The common parts of a service in one place, in start order: metrics, health, pool, producer, outbox relay,
/// HTTP server with actuator, consumers, workers.
///
/// Use: construct; wire the service with the parts (routes, consume(), work()); start(); wait for the signal;
/// stop(). What handlers and steps refer to has to live until stop() has returned. start() serves HTTP at
/// once (not ready); a thread of its own then waits for the database, migrates or checks the schema, starts
/// workers and consumers, waits for the producer, and declares the service ready. A schema that can't be used
/// stops the process (failed() is true then). Wiring and start() belong to one thread; the rest is
/// thread-safe.
class Runtime {
public:
    Runtime(Settings settings, Schema schema, const Clock& clock);
    ~Runtime();  ///< stops, if nobody has
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    [[nodiscard]] const Settings& settings() const;
    [[nodiscard]] const Clock& clock() const;
    [[nodiscard]] UuidGenerator& ids();
    [[nodiscard]] metrics::Registry& metrics();
    [[nodiscard]] Health& health();
    [[nodiscard]] mysql::Pool& pool();
    [[nodiscard]] outbox::Relay& relay();
    [[nodiscard]] http::Server& http();
    /// Declares a route of the API on http(), before start(). Its requests have spans; those of probes, metrics and operators have none.
    void serve(const std::string& method, const std::string& path, http::Handler handler);
    [[nodiscard]] const tracing::Tracer& tracer() const;
    /// The second server, on 127.0.0.1:MANAGEMENT_PORT alone: mount actuator writes and admin operations here, never on http().
    /// The same rules: routes before start(), handlers must not block (hand longer work to Readers). In a cluster it is reached by
    /// `kubectl port-forward POD 8181:8181`. In tests: `runtime.management().port()`.
    [[nodiscard]] http::Server& management();

    /// The service's guards; make them while wiring. One that the settings name and nobody makes stops the start.
    [[nodiscard]] resilience::Kit& resilience();

    /// When in the order of stopping a worker ends.
    enum class Stage {
        Requests,    ///< finishes HTTP requests (committers, readers): ends after HTTP is drained
        Background,  ///< sweepers, senders: ends with the consumers
    };
    /// A thread of the service, started once the database is usable. Gives its wake(), which may be called at
    /// any time while the runtime lives.
    std::function<void()> work(std::string name, Stage stage, Worker::Step step);
    /// How a subscription reads when it is not the service's main one.
    struct Reading {
        std::string group;            ///< empty = the group of the settings
        std::size_t max_batch = 500;  ///< records of one batch at most
        Duration linger{0};           ///< how long records are gathered at most for a batch that is not full
        Duration quiet{0};            ///< gathered records wait no longer once nothing has come for this long
        std::function<void(kafka::Record&)> trim{};  ///< lets go of what the handler does not read
    };
    /// A subscription: one thread, started once the database is usable. `name` is the listener's
    /// ("order-kafka"), and that of its circuit breaker and retry.
    void consume(
        std::string name,
        std::vector<std::string> topics,
        kafka::BatchHandler& handler,
        Reading reading
    );
    void consume(std::string name, std::vector<std::string> topics, kafka::BatchHandler& handler);
    /// Called between draining HTTP and stopping the Requests workers, and again by nobody: refuse what still
    /// comes.
    void on_drained(std::function<void()> action);

    /// Serves HTTP and begins to start the rest. Throws when the port is taken, or a setting of the guards has no guard.
    void start();
    /// True from the moment the database was usable and the workers run.
    [[nodiscard]] bool started() const;
    /// True when the start was given up: the process should exit with 1.
    [[nodiscard]] bool failed() const;
    /// Not ready, drain, HTTP stopped, consumers and background workers, relay, pool; within the budget.
    /// Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::service
