#include "shared/http/actuator.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/logger_endpoints.hpp"
#include "shared/http/metrics_view.hpp"
#include "shared/telemetry/disk_space.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/utsname.h>
#include <unistd.h>

namespace platform::http {
namespace {

constexpr const char* kActuatorType = "application/vnd.spring-boot.actuator.v3+json";
constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::size_t kScrapesWaiting = 64;

Response json_answer(std::string body, int status = 200) {
    return {.status = status, .content_type = kActuatorType, .body = std::move(body), .headers = {{"Cache-Control", "no-store"}}};
}

std::string links() {
    json::Writer writer;
    writer.begin_object().key("_links").begin_object();
    const auto link = [&writer](std::string_view name, std::string_view href) {
        writer.key(name).begin_object().field("href", href).field("templated", href.contains('{')).end_object();
    };
    link("self", "/actuator");
    link("health", "/actuator/health");
    link("health-path", "/actuator/health/{component}");
    link("health-liveness", "/actuator/health/liveness");
    link("health-readiness", "/actuator/health/readiness");
    link("info", "/actuator/info");
    link("loggers", "/actuator/loggers");
    link("loggers-name", "/actuator/loggers/{name}");
    link("metrics", "/actuator/metrics");
    link("metrics-requiredMetricName", "/actuator/metrics/{requiredMetricName}");
    link("prometheus", "/actuator/prometheus");
    writer.end_object().end_object();
    return writer.take();
}

/// Spring's component: DOWN when hardly anything can be written any more.
Health::Component disk_space() {
    constexpr std::uint64_t kThreshold = 10UL * 1024 * 1024;  // bytes, Spring's
    const metrics::DiskSpace disk = metrics::sample_disk();
    return {
        .up = disk.exists && disk.free >= kThreshold,
        .details = {{"path", disk.path}},
        .written = {
            {"total", std::to_string(disk.total)},
            {"free", std::to_string(disk.free)},
            {"threshold", std::to_string(kThreshold)},
            {"exists", disk.exists ? "true" : "false"},
        },
    };
}

}  // namespace

struct Actuator::Impl {
    Impl(Health& health_given, metrics::Registry& registry_given, std::string application_given)
        : health(health_given), registry(registry_given), application(std::move(application_given)), started(clock.now()) {}

    /// What is done with the text of a scrape.
    using Use = std::function<void(const std::string& text, Responder responder)>;
    struct Job {
        Responder responder;
        Use use;
    };

    void begin();
    void declare(Server& server, Health::Show show);
    void declare_metrics(Server& server);
    [[nodiscard]] std::string info(Health::Show show) const;
    void scrape(Responder responder, Use use);
    void run(const std::stop_token& stop);

    Health& health;
    metrics::Registry& registry;
    const std::string application;
    const SystemClock clock;
    const Instant started;

    std::mutex mutex;
    std::condition_variable_any asked;
    std::vector<Job> waiting;  // guarded by mutex
    std::jthread thread;
};

void Actuator::Impl::begin() {
    registry.gauge_from("application_ready", "1 while the readiness probe is answered with 200", {}, [&probed = health] {
        return probed.ready() ? 1.0 : 0.0;
    });
    health.add("ping", [] { return Health::Component{}; });
    health.add("diskSpace", disk_space);
    thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Actuator::Impl::declare(Server& server, Health::Show show) {
    const auto on_health = [&server](const std::string& path, std::function<Health::Answer()> ask) {
        server.route("GET", path, [ask = std::move(ask)](const Request&, Responder responder) {
            Health::Answer answer = ask();
            responder.send(json_answer(std::move(answer.body), answer.http_status));
        });
    };
    on_health("/actuator/health", [this, show] { return health.overall(show); });
    on_health("/actuator/health/liveness", [this] { return health.liveness(); });
    on_health("/actuator/health/readiness", [this] { return health.readiness(); });
    server.route("GET", "/actuator/health/:component", [this, show](const Request& request, Responder responder) {
        auto answer = health.component(request.params.at("component"), show);
        if (!answer) return responder.send(to_problem(Error{.kind = ErrorKind::NotFound, .what = {}}));
        responder.send(json_answer(std::move(answer->body), answer->http_status));
    });
    server.route("GET", "/actuator", [](const Request&, Responder responder) { responder.send(json_answer(links())); });
    server.route("GET", "/actuator/info", [this, show](const Request&, Responder responder) {
        responder.send(json_answer(info(show)));
    });
    declare_metrics(server);
    declare_logger_reads(server);
}

void Actuator::Impl::declare_metrics(Server& server) {
    server.route("GET", "/actuator/prometheus", [this](const Request&, Responder responder) {
        scrape(std::move(responder), [](const std::string& text, Responder to) {
            to.send(Response{.status = 200, .content_type = kPrometheusType, .body = text, .headers = {}});
        });
    });
    server.route("GET", "/actuator/metrics", [this](const Request&, Responder responder) {
        scrape(std::move(responder), [](const std::string& text, Responder to) { to.send(json_answer(meter_names(text))); });
    });
    server.route("GET", "/actuator/metrics/:name", [this](const Request& request, Responder responder) {
        const auto filter = request.query.find("tag");
        auto tags = parse_tags(filter == request.query.end() ? std::string_view() : filter->second);
        if (!tags) {
            constexpr int kBadRequest = 400;
            return responder.send(Problem{
                .status = kBadRequest, .code = "invalid-request", .detail = tags.error().what, .errors = {}, .headers = {}
            });
        }
        const auto use = [name = request.params.at("name"), tags = *std::move(tags)](const std::string& text, Responder to) {
            auto details = meter_details(text, name, tags);
            if (!details) return to.send(to_problem(details.error()));
            to.send(json_answer(*std::move(details)));
        };
        scrape(std::move(responder), use);
    });
}

std::string Actuator::Impl::info(Health::Show show) const {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(clock.now() - started);
    json::Writer writer;
    writer.begin_object();
    writer.key("build").begin_object();
    writer.field("group", "orderplatform").field("artifact", application);
    writer.field("name", application).field("version", PLATFORM_VERSION);
    writer.end_object();
    if (utsname machine{}; show == Health::Show::Details && ::uname(&machine) == 0) {
        writer.key("os").begin_object();
        writer.field("name", std::string_view(machine.sysname)).field("version", std::string_view(machine.release));
        writer.field("arch", std::string_view(machine.machine));
        writer.end_object();
    }
    writer.key("process").begin_object();
    writer.field("pid", ::getpid()).field("parentPid", ::getppid());
    writer.field("cpus", std::thread::hardware_concurrency()).field("uptimeSeconds", uptime.count());
    writer.end_object();
    writer.end_object();
    return writer.take();
}

void Actuator::Impl::scrape(Responder responder, Use use) {
    {
        const std::lock_guard lock(mutex);
        if (waiting.size() < kScrapesWaiting) {
            waiting.push_back({.responder = std::move(responder), .use = std::move(use)});
            asked.notify_one();
            return;
        }
    }
    responder.send(to_problem(Error{.kind = ErrorKind::Unavailable, .what = {}}));
}

void Actuator::Impl::run(const std::stop_token& stop) {
    for (;;) {
        std::vector<Job> served;
        {
            std::unique_lock lock(mutex);
            if (!asked.wait(lock, stop, [this] { return !waiting.empty(); })) return;
            served.swap(waiting);
        }
        const std::string text = registry.scrape();
        for (Job& job : served) job.use(text, std::move(job.responder));
    }
}

Actuator::Actuator(Server& server, Health& health, metrics::Registry& registry, std::string application)
    : impl_(std::make_unique<Impl>(health, registry, std::move(application))) {
    impl_->declare(server, Health::Show::Details);
    impl_->begin();
}

Actuator::Actuator(
    Server& api, Server& management, Health& health, metrics::Registry& registry, std::string application
)
    : impl_(std::make_unique<Impl>(health, registry, std::move(application))) {
    impl_->declare(api, Health::Show::Status);
    impl_->declare(management, Health::Show::Details);
    declare_logger_writes(management);
    impl_->begin();
}

Actuator::~Actuator() = default;

}  // namespace platform::http
