#include "services/gateway/app.hpp"

#include "services/gateway/adapters/console.hpp"
#include "services/gateway/adapters/dns_resolver.hpp"
#include "services/gateway/adapters/http_lag_source.hpp"
#include "services/gateway/adapters/http_prober.hpp"
#include "services/gateway/adapters/proxy_pool.hpp"
#include "services/gateway/adapters/services_report.hpp"
#include "services/gateway/domain/consumer_lag.hpp"
#include "services/gateway/domain/discovery.hpp"
#include "shared/core/check.hpp"
#include "shared/core/pause.hpp"
#include "shared/http/actuator.hpp"
#include "shared/http/resilience_endpoints.hpp"
#include "shared/http/traced.hpp"
#include "shared/otlp/otlp_recorder.hpp"
#include "shared/runtime/health.hpp"
#include "shared/runtime/shutdown.hpp"
#include "shared/runtime/worker.hpp"
#include "shared/telemetry/certificate_expiry.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <utility>

namespace platform::gateway {
namespace {

constexpr const char* kName = "gateway";

/// The pods of one service and the thread that keeps the list fresh.
struct Watched {
    Watched(const Upstream& upstream, const Config& config, const Clock& clock)
        : endpoints(upstream.name, config.ejection, clock, upstream.service),
          prober(config.probe_timeout),
          discovery(endpoints, upstream.names, resolver, prober, clock, config.discovery_interval) {}

    Endpoints endpoints;
    DnsResolver resolver;
    HttpProber prober;
    Discovery discovery;
    std::unique_ptr<Worker> worker;
};

}  // namespace

struct App::Impl {
    Impl(Config config_given, const Clock& clock_given);
    void declare_routes();
    void declare_pages();
    void refuse(http::Responder responder) const;
    void ready_when_looked_up();
    [[nodiscard]] Endpoints& endpoints_of(const std::string& upstream);
    [[nodiscard]] std::vector<RouteQueues::Limits> limits();
    [[nodiscard]] std::vector<const Endpoints*> services() const;

    // In the order in which they start; destruction undoes it.
    const Config config;
    const Clock& clock;
    metrics::Registry registry{kName};
    tracing::Tracer tracer;
    resilience::Kit kit;
    Health health;
    UuidGenerator ids;
    std::deque<Watched> watched;  // deques: their members stay where they are
    std::deque<RouteState> routes;
    RouteQueues queues;
    HttpLagSource lag_source;
    ConsumerLag lag;
    RateLimiter limiter;
    Proxy proxy;
    http::Server server;
    http::Server management;
    http::Actuator actuator;
    std::unique_ptr<ProxyPool> pool;
    std::unique_ptr<Worker> lag_worker;
    std::atomic<bool> stopping{false};
    bool stopped = false;
};

App::Impl::Impl(Config config_given, const Clock& clock_given)
    : config(std::move(config_given)),
      clock(clock_given),
      tracer(otlp::make_tracer(config.tracing, {.service = kName, .instance = config.instance_id}, clock, registry)),
      kit(config.resilience, clock, registry),
      ids(clock),
      queues(limits()),
      lag_source(config.probe_timeout),
      lag(services(), lag_source, clock, config.discovery_interval),
      limiter(config.rate_limit, clock, registry),
      proxy(config.proxy, limiter, ids, clock, tracer),
      server(config.http, clock, registry),
      management(config.management, clock, registry),
      actuator(server, management, health, registry, kName) {
    kit.finish();
    declare_routes();
    declare_pages();
    http::declare_resilience(server, management, kit);
    http::add_breakers_health(health, kit);
    metrics::export_expiry(registry, clock, "redis", config.rate_limit.redis.tls_ca);
    for (const Watched& service : watched) {
        health.add(service.endpoints.service(), [&endpoints = service.endpoints] {
            return Health::Component{.up = true, .details = {{"pods", endpoints.up() ? "UP" : "DOWN"}}};
        });
    }
}

/// Makes services and routes on the way, so that the queues can be made with their bulkheads.
std::vector<RouteQueues::Limits> App::Impl::limits() {
    for (const Upstream& upstream : config.upstreams) watched.emplace_back(upstream, config, clock);
    std::vector<RouteQueues::Limits> all;
    for (const Route& route : config.routes) {
        auto& state =
            routes.emplace_back(route, endpoints_of(route.upstream), kit, config.breaker, registry);
        all.push_back({.bulkhead = state.bulkhead(), .max_queue = route.max_queue});
    }
    return all;
}

std::vector<const Endpoints*> App::Impl::services() const {
    std::vector<const Endpoints*> all;
    for (const Watched& service : watched) all.push_back(&service.endpoints);
    return all;
}

Endpoints& App::Impl::endpoints_of(const std::string& upstream) {
    const auto found = std::ranges::find(watched, upstream, [](const Watched& service) {
        return service.endpoints.service();
    });
    CHECK(found != watched.end(), "every route's service is among the upstreams");
    return found->endpoints;
}

void App::Impl::declare_routes() {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const Route& route = routes[i].route();
        registry.gauge_from(
            "resilience4j_bulkhead_queue_depth",
            "Requests that wait for a place",
            {{"name", route.id}},
            [this, i] { return static_cast<double>(queues.waiting(i)); }
        );
        registry.gauge_from(
            "resilience4j_bulkhead_queue_capacity",
            "Requests that may wait for a place",
            {{"name", route.id}},
            [this, i] { return static_cast<double>(config.routes[i].max_queue); }
        );
        const auto accept = http::traced(tracer, [this, i](const http::Request& request, http::Responder responder) {
            Job job{.request = request, .responder = std::move(responder), .received = clock.now()};
            if (!queues.push(i, std::move(job))) refuse(std::move(job.responder));
        });
        const auto paths = server_paths(route.pattern);
        CHECK(paths.has_value(), "patterns were checked when they were read");
        for (const auto& method : route.methods) {
            for (const auto& path : *paths) server.route(method, path, accept);
        }
    }
}

void App::Impl::refuse(http::Responder responder) const {
    constexpr int kUnavailable = 503;
    responder.send(http::Problem{
        .status = kUnavailable,
        .code = "overloaded",
        .detail = "Too many requests wait already; try again.",
        .errors = {},
        .headers = {{"Retry-After", "1"}},
    });
}

void App::Impl::declare_pages() {
    declare_console(server);
    server.route("GET", "/actuator/services", [this](const http::Request&, http::Responder responder) {
        responder.send(http::Response{
            .status = 200,
            .content_type = "application/json",
            .body = services_report(config.instance_id, health.ready(), services(), lag.look()),
            .headers = {{"Cache-Control", "no-store"}},
        });
    });
}

void App::Impl::ready_when_looked_up() {
    const bool all =
        std::ranges::all_of(watched, [](const Watched& service) { return service.discovery.ran(); });
    if (all && !stopping) health.set_ready(true);
}

App::App(Config config, const Clock& clock) : impl_(std::make_unique<Impl>(std::move(config), clock)) {}

App::~App() {
    stop();
}

void App::start() {
    Impl& app = *impl_;
    app.management.start();
    app.server.start();
    app.pool = std::make_unique<ProxyPool>(
        app.config.proxy_threads,
        app.queues,
        app.proxy,
        app.limiter,
        [&app](std::size_t i) -> RouteState& { return app.routes[i]; }
    );
    log::info("serving", {{"port", app.server.port()}, {"management_port", app.management.port()}, {"routes", app.routes.size()}});
    if (app.watched.empty()) app.health.set_ready(true);
    for (Watched& service : app.watched) {
        service.worker = std::make_unique<Worker>(
            "find " + service.endpoints.service(),
            app.clock,
            [&app, &service](Instant) {
                const bool first = !service.discovery.ran();
                const Duration pause = service.discovery.step();
                if (first) app.ready_when_looked_up();
                return pause;
            }
        );
    }
    app.lag_worker = std::make_unique<Worker>("consumer lag", app.clock, [&app](Instant) { return app.lag.step(); });
}

std::uint16_t App::port() const {
    return impl_->server.port();
}

std::uint16_t App::management_port() const {
    return impl_->management.port();
}

bool App::ready() const {
    return impl_->health.ready();
}

void App::stop() {
    Impl& app = *impl_;
    if (std::exchange(app.stopped, true)) return;
    Shutdown shutdown(app.clock);
    shutdown.then("not ready", [&](Duration left) {
        app.stopping = true;
        app.health.set_ready(false);
        if (app.pool) pause(std::min(left, app.config.drain_delay));
    });
    shutdown.then("http", [&](Duration left) { app.server.drain(left); });
    shutdown.then("workers", [&](Duration) { app.pool.reset(); });
    shutdown.then("close", [&](Duration) {
        app.server.stop();
        app.management.stop();
    });
    shutdown.then("discovery", [&](Duration) {
        app.lag_worker.reset();
        for (Watched& service : app.watched) service.worker.reset();
    });
    shutdown.then("traces", [&](Duration left) { app.tracer.shut_down(left); });
    shutdown.run(app.config.shutdown_budget);
}

}  // namespace platform::gateway
