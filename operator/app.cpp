#include "operator/app.hpp"

#include "operator/control/platform_index.hpp"
#include "operator/control/reflector.hpp"
#include "operator/control/work_queue.hpp"
#include "operator/control/workloads.hpp"
#include "operator/kube/client.hpp"
#include "operator/kube/rest_transport.hpp"
#include "operator/provision/chart_digest.hpp"
#include "operator/provision/helm_releases.hpp"
#include "operator/provision/kafka_accounts.hpp"
#include "operator/provision/kafka_topics.hpp"
#include "operator/provision/kube_objects.hpp"
#include "operator/provision/kube_platforms.hpp"
#include "operator/provision/mysql_databases.hpp"
#include "operator/reconcile/reconciler.hpp"
#include "shared/core/time_text.hpp"
#include "shared/http/actuator.hpp"
#include "shared/http/server.hpp"
#include "shared/runtime/health.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/runtime/worker.hpp"
#include "shared/telemetry/log.hpp"
#include "shared/telemetry/metrics.hpp"

#include <algorithm>

namespace platform::operators {
namespace {

/// Events of workloads come in bursts; one look shortly after the first is enough.
constexpr Duration kWorkloadDelay = std::chrono::milliseconds(150);
constexpr Duration kLongestSleep = std::chrono::seconds(10);
/// Kubernetes begins to empty a namespace five seconds after its deletion was asked for. What is ours to let
/// go has to be let go by then, since our own rights may be the first to be deleted. A namespace cannot be
/// watched with the rights of one namespace, so it is looked at.
constexpr Duration kNamespaceInterval = std::chrono::milliseconds(1500);

Config with_charts(Config config) {
    config.defaults.chart_digests = provision::chart_digests(config.charts);
    return config;
}

/// For a definition that is missing, or so old that it does not serve our version. One that serves it and lacks
/// fields cannot be told without rights in the whole cluster.
constexpr const char* kDefinitionMissing =
    "the definition of OrderPlatform is missing or too old: kubectl apply --server-side -f crds/orderplatforms.yaml "
    "(of version " PLATFORM_VERSION "), or install the operator's chart with crds.install=true";

control::Reflector::Options
watched(const std::string& path, const std::string& kind, const std::string& selector) {
    return {.path = path, .label_selector = selector, .kind = kind};
}

}  // namespace

struct App::Impl {
    explicit Impl(Config given);

    Duration step(Instant now);
    void work(const std::string& key);
    void watch_the_watches();
    Duration look_at_the_namespace();
    [[nodiscard]] bool synced() const {
        return platform_watch.synced() && deployment_watch.synced() && stateful_set_watch.synced();
    }
    [[nodiscard]] Health::Component watches() const;
    void touch_all(Duration delay);

    const Config config;
    const std::string apps = "/apis/apps/v1/namespaces/" + config.name_space;
    SystemClock clock;
    metrics::Registry registry{"operator"};
    Health health;
    kube::TokenFile token{config.token_file, clock};
    kube::RestTransport transport{{.base_url = config.api_url, .ca_file = config.ca_file}, token};
    kube::Client client{transport, clock, registry};
    control::WorkQueue queue{clock, registry, "orderplatform"};
    control::PlatformIndex index{[this](const std::string& name) { queue.add(name); }};
    control::Workloads deployments{[this] { touch_all(kWorkloadDelay); }};
    control::Workloads stateful_sets{[this] { touch_all(kWorkloadDelay); }};

    provision::HelmProcess helm{config.helm, config.helm_timeout};
    provision::KubePlatforms platforms{config.name_space, client, index, clock};
    provision::KubeSecrets secrets{config.name_space, client};
    provision::KubeClaims claims{config.name_space, client};
    provision::HelmReleases releases{
        {.name_space = config.name_space,
         .charts = config.charts,
         .service_account = config.helm_service_account,
         .api_url = config.api_url,
         .ca_file = config.ca_file,
         .home = config.helm_home},
        client,
        helm,
        clock
    };
    provision::KafkaTopics topics{config.kafka_timeout};
    provision::MysqlDatabases databases;
    provision::KafkaAccounts kafka_users{config.kafka_timeout};
    provision::ReflectedWorkloads workloads{deployments, stateful_sets};
    reconcile::Ports ports{platforms, secrets, claims, releases, topics, databases, kafka_users, workloads};
    reconcile::Reconciler reconciler{
        {.resync = config.resync, .started_at = to_rfc3339(clock.wall())},
        config.defaults,
        ports,
        clock,
        registry
    };
    metrics::Timer round_time = registry.timer(
        "controller_runtime_reconcile_time_seconds",
        "Time of a round.",
        {{"controller", "orderplatform"}}
    );

    http::Server server{
        {.host = config.http_host, .port = config.http_port, .threads = 1, .max_connections = 64},
        clock,
        registry
    };
    http::Server management{
        {.host = "127.0.0.1", .port = config.management_port, .threads = 1, .max_connections = 16},
        clock,
        registry
    };
    http::Actuator actuator{server, management, health, registry, "operator"};
    control::Reflector platform_watch{
        {.path = provision::KubePlatforms::collection(config.name_space),
         .label_selector = "",
         .kind = "orderplatforms",
         .if_unknown = kDefinitionMissing},
        client,
        index,
        clock,
        registry
    };
    control::Reflector deployment_watch{
        watched(apps + "/deployments", "deployments", "app.kubernetes.io/part-of=orderplatform"),
        client,
        deployments,
        clock,
        registry
    };
    control::Reflector stateful_set_watch{
        watched(apps + "/statefulsets", "statefulsets", "app.kubernetes.io/part-of=orderplatform"),
        client,
        stateful_sets,
        clock,
        registry
    };
    bool stopped = false;
    provision::KubePlatforms leaving{
        config.name_space,
        client,
        index,
        clock
    };  // of the namespace's own thread
    std::unique_ptr<Worker> namespace_worker;
    std::unique_ptr<Worker> worker;  // last
};

App::Impl::Impl(Config given) : config(with_charts(std::move(given))) {
    health.add("kubernetes", [this] { return watches(); });
    management.start();
    server.start();
    worker = std::make_unique<Worker>("reconcile", clock, [this](Instant now) { return step(now); });
    queue.on_added([this] { worker->wake(); });
    namespace_worker =
        std::make_unique<Worker>("namespace", clock, [this](Instant) { return look_at_the_namespace(); });
    platform_watch.start();
    deployment_watch.start();
    stateful_set_watch.start();
    log::info(
        "operator started",
        {{"namespace", config.name_space},
         {"api", config.api_url},
         {"port", server.port()},
         {"management_port", management.port()},
         {"version", PLATFORM_VERSION}}
    );
}

void App::Impl::touch_all(Duration delay) {
    for (const std::string& name : index.names()) queue.add_after(name, delay);
}

Health::Component App::Impl::watches() const {
    Health::Component component{.up = synced(), .details = {}};
    for (const control::Reflector* watch : {&platform_watch, &deployment_watch, &stateful_set_watch}) {
        if (watch->silence() > watch->silence_limit()) component.up = false;
    }
    component.details["synced"] = synced() ? "true" : "false";
    if (const std::string advice = platform_watch.advice(); !advice.empty()) {
        component.up = false;
        component.details["orderplatforms"] = advice;
    }
    return component;
}

/// A connection that died without telling would leave us blind for ever; a new process has new ones.
void App::Impl::watch_the_watches() {
    for (const control::Reflector* watch : {&platform_watch, &deployment_watch, &stateful_set_watch}) {
        if (watch->synced() && watch->silence() > watch->silence_limit()) {
            log::error("the API server has been silent for too long; starting again", {});
            StopSignals::request();
            return;
        }
    }
}

Duration App::Impl::look_at_the_namespace() {
    const auto terminating = leaving.namespace_terminating();
    if (!terminating || !*terminating) return kNamespaceInterval;
    const auto released = leaving.release_all();
    if (released && *released > 0)
        log::warn("the namespace is going away; its resources are released", {{"count", *released}});
    return kNamespaceInterval;
}

Duration App::Impl::step(Instant) {
    watch_the_watches();
    const bool ready = synced();
    health.set_ready(ready);
    if (!ready) return std::chrono::milliseconds(100);
    if (auto key = queue.take()) {
        work(*key);
        return Duration::zero();
    }
    return std::min(queue.next_due().value_or(kLongestSleep), kLongestSleep);
}

void App::Impl::work(const std::string& key) {
    const Instant started = clock.now();
    const auto next = reconciler.reconcile(key);
    round_time.record(clock.now() - started);
    const char* result = next.failed ? "error" : next.after > Duration::zero() ? "requeue_after" : "success";
    registry
        .counter(
            "controller_runtime_reconcile_total",
            "Rounds by result.",
            {{"controller", "orderplatform"}, {"result", result}}
        )
        .add();
    if (next.failed) {
        queue.add_failed(key);
    } else {
        queue.forget_failures(key);
        if (!next.gone) queue.add_after(key, next.after);
    }
    queue.done(key);
}

App::App(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}

App::~App() {
    stop(Duration::zero());
}

std::uint16_t App::port() const {
    return impl_->server.port();
}

std::uint16_t App::management_port() const {
    return impl_->management.port();
}

void App::stop(Duration budget) {
    if (impl_->stopped) return;
    impl_->stopped = true;
    impl_->health.set_ready(false);
    impl_->helm.interrupt(budget);
    impl_->worker->stop();
    impl_->namespace_worker->stop();
    impl_->platform_watch.stop();
    impl_->deployment_watch.stop();
    impl_->stateful_set_watch.stop();
    impl_->server.stop();
    impl_->management.stop();
    log::info("operator stopped", {});
}

Result<int> release_all(const Config& config) {
    SystemClock clock;
    metrics::Registry registry("operator");
    kube::TokenFile token(config.token_file, clock);
    kube::RestTransport transport({.base_url = config.api_url, .ca_file = config.ca_file}, token);
    kube::Client client(transport, clock, registry);
    const control::PlatformIndex none([](const std::string&) {});
    provision::KubePlatforms platforms(config.name_space, client, none, clock);
    return platforms.release_all();
}

}  // namespace platform::operators
