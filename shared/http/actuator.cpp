#include "shared/http/actuator.hpp"

#include "shared/core/json_writer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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
        writer.key(name).begin_object().field("href", href).field("templated", false).end_object();
    };
    link("self", "/actuator");
    link("health", "/actuator/health");
    link("health-liveness", "/actuator/health/liveness");
    link("health-readiness", "/actuator/health/readiness");
    link("info", "/actuator/info");
    link("prometheus", "/actuator/prometheus");
    writer.end_object().end_object();
    return writer.take();
}

}  // namespace

struct Actuator::Impl {
    Impl(const Health& health_given, const metrics::Registry& registry_given, std::string application_given)
        : health(health_given), registry(registry_given), application(std::move(application_given)), started(clock.now()) {}

    void declare(Server& server);
    [[nodiscard]] std::string info() const;
    void scrape(Responder responder);
    void run(const std::stop_token& stop);

    const Health& health;
    const metrics::Registry& registry;
    const std::string application;
    const SystemClock clock;
    const Instant started;

    std::mutex mutex;
    std::condition_variable_any asked;
    std::vector<Responder> waiting;  // guarded by mutex
    std::jthread thread;
};

void Actuator::Impl::declare(Server& server) {
    const auto on_health = [&server](const std::string& path, std::function<Health::Answer()> ask) {
        server.route("GET", path, [ask = std::move(ask)](const Request&, Responder responder) {
            Health::Answer answer = ask();
            responder.send(json_answer(std::move(answer.body), answer.http_status));
        });
    };
    on_health("/actuator/health", [this] { return health.overall(); });
    on_health("/actuator/health/liveness", [this] { return health.liveness(); });
    on_health("/actuator/health/readiness", [this] { return health.readiness(); });
    server.route("GET", "/actuator", [](const Request&, Responder responder) { responder.send(json_answer(links())); });
    server.route("GET", "/actuator/info", [this](const Request&, Responder responder) { responder.send(json_answer(info())); });
    server.route("GET", "/actuator/prometheus", [this](const Request&, Responder responder) { scrape(std::move(responder)); });
}

std::string Actuator::Impl::info() const {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(clock.now() - started);
    json::Writer writer;
    writer.begin_object();
    writer.key("build").begin_object();
    writer.field("name", application).field("version", PLATFORM_VERSION);
    writer.end_object();
    writer.key("process").begin_object();
    writer.field("pid", ::getpid()).field("parentPid", ::getppid());
    writer.field("cpus", std::thread::hardware_concurrency()).field("uptimeSeconds", uptime.count());
    writer.end_object();
    writer.end_object();
    return writer.take();
}

void Actuator::Impl::scrape(Responder responder) {
    {
        const std::lock_guard lock(mutex);
        if (waiting.size() < kScrapesWaiting) {
            waiting.push_back(std::move(responder));
            asked.notify_one();
            return;
        }
    }
    responder.send(to_problem(Error{.kind = ErrorKind::Unavailable, .what = {}}));
}

void Actuator::Impl::run(const std::stop_token& stop) {
    for (;;) {
        std::vector<Responder> served;
        {
            std::unique_lock lock(mutex);
            if (!asked.wait(lock, stop, [this] { return !waiting.empty(); })) return;
            served.swap(waiting);
        }
        const std::string text = registry.scrape();
        for (Responder& responder : served) {
            responder.send(Response{.status = 200, .content_type = kPrometheusType, .body = text, .headers = {}});
        }
    }
}

Actuator::Actuator(Server& server, const Health& health, metrics::Registry& registry, std::string application)
    : impl_(std::make_unique<Impl>(health, registry, std::move(application))) {
    registry.gauge_from("application_ready", "1 while the readiness probe is answered with 200", {}, [&health] {
        return health.ready() ? 1.0 : 0.0;
    });
    impl_->declare(server);
    impl_->thread = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->run(stop); });
}

Actuator::~Actuator() = default;

}  // namespace platform::http
