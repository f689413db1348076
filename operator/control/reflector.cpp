#include "operator/control/reflector.hpp"

#include "operator/kube/watch_event.hpp"
#include "shared/telemetry/log.hpp"

namespace platform::control {

Reflector::Reflector(
    Options options,
    kube::Client& client,
    ObjectSink& sink,
    const Clock& clock,
    metrics::Registry& registry
)
    : options_(std::move(options)),
      client_(client),
      sink_(sink),
      clock_(clock),
      backoff_(options_.backoff),
      lists_(registry.counter("reflector_lists_total", "Lists taken.", {{"kind", options_.kind}})),
      watches_(registry.counter("reflector_watches_total", "Watches opened.", {{"kind", options_.kind}})),
      events_(registry.counter("reflector_events_total", "Watch events received.", {{"kind", options_.kind}})
      ) {
    heard();
    registry.gauge_from(
        "watch_last_event_age_seconds",
        "Since the API server last said anything.",
        {{"kind", options_.kind}},
        [this] { return std::chrono::duration<double>(silence()).count(); }
    );
}

Reflector::~Reflector() {
    stop();
}

void Reflector::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Reflector::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Reflector::heard() {
    heard_at_ = clock_.now().time_since_epoch().count();
}

Duration Reflector::silence() const {
    return clock_.now().time_since_epoch() - Duration(heard_at_.load());
}

void Reflector::list_failed(const Error& error) {
    const bool unknown = error.kind == ErrorKind::NotFound && !options_.if_unknown.empty();
    if (unknown) heard();  // it is there, and answers
    if (unknown_.exchange(unknown) != unknown && unknown) {
        log::error(
            "the API server does not know the kind", {{"kind", options_.kind}, {"to_do", options_.if_unknown}}
        );
        return;
    }
    log::warn(
        "cannot list objects; trying again",
        {{"kind", options_.kind}, {"reason", error.what}, {"failures", failures_ + 1}}
    );
}

bool Reflector::list() {
    auto page = client_.list(options_.path, options_.label_selector);
    if (!page) {
        list_failed(page.error());
        return false;
    }
    unknown_ = false;
    lists_.add();
    heard();
    version_ = page->resource_version;
    sink_.replace_all(page->items);
    synced_ = true;
    return true;
}

bool Reflector::take_line(std::string&& line) {
    auto event = kube::parse_watch_event(line);
    if (!event) {
        log::warn(
            "unreadable watch event; listing again", {{"kind", options_.kind}, {"reason", event.error().what}}
        );
        relist_ = true;
        return false;
    }
    heard();
    events_.add();
    using Type = kube::WatchEvent::Type;
    switch (event->type) {
        case Type::Gone:
            relist_ = true;
            return false;
        case Type::Error:
            log::warn(
                "watch ended with an error; listing again",
                {{"kind", options_.kind}, {"reason", event->message}}
            );
            relist_ = true;
            return false;
        case Type::Bookmark:
            break;
        case Type::Added:
        case Type::Modified:
            sink_.changed(event->object);
            break;
        case Type::Deleted:
            sink_.deleted(event->object);
            break;
    }
    version_ = event->resource_version;
    return true;
}

bool Reflector::watch(const std::stop_token& stop) {
    constexpr int kOk = 200;
    constexpr int kNotFound = 404;
    constexpr int kGone = 410;
    watches_.add();
    const auto end = client_.watch(
        options_.path,
        options_.label_selector,
        version_,
        options_.watch_limit,
        [this](std::string&& line) { return take_line(std::move(line)); },
        stop
    );
    if (!end) {
        log::debug(
            "watch cannot be opened; resuming", {{"kind", options_.kind}, {"reason", end.error().what}}
        );
        return false;
    }
    if (end->status == kGone) relist_ = true;
    if (end->status != kOk && end->status != kGone) {
        if (end->status == kNotFound) relist_ = true;  // the kind is gone; its versions are too when it is back
        log::warn("watch was refused", {{"kind", options_.kind}, {"status", end->status}});
        return false;
    }
    heard();
    // A watch that ends at once without a line would spin.
    return end->lines > 0 || relist_;
}

Duration Reflector::round(const std::stop_token& stop) {
    if (version_.empty() || relist_) {
        relist_ = false;
        if (!list()) {
            relist_ = true;
            return backoff_.delay(++failures_);
        }
    }
    const Instant opened = clock_.now();
    const bool well = watch(stop);
    if (well || clock_.now() - opened > options_.backoff.ceiling) {
        failures_ = 0;
        return Duration::zero();
    }
    return backoff_.delay(++failures_);
}

void Reflector::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const Duration pause = round(stop);
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, stop, pause, [] { return false; });
    }
}

}  // namespace platform::control
