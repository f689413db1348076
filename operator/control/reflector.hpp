#pragma once
#include "operator/kube/client.hpp"
#include "shared/core/clock.hpp"
#include "shared/resilience/backoff.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace platform::control {

/// Receives the state of one kind of objects, from the reflector's thread, in order.
class ObjectSink {
public:
    ObjectSink() = default;
    ObjectSink(const ObjectSink&) = delete;
    ObjectSink& operator=(const ObjectSink&) = delete;
    virtual ~ObjectSink() = default;
    /// All objects that there are; whatever was known before and is not among them is gone.
    virtual void replace_all(const std::vector<json::Value>& objects) = 0;
    virtual void changed(const json::Value& object) = 0;
    virtual void deleted(const json::Value& object) = 0;
};

/// Keeps a sink equal to what the API server has: list, then watch with bookmarks; every end of a watch is
/// resumed from the last version seen, and "too old" (410) leads to a new list. Errors back off. One thread
/// of its own runs it; the rest is thread-safe.
class Reflector {
public:
    struct Options {
        std::string path;            ///< /apis/apps/v1/namespaces/x/deployments
        std::string label_selector;  ///< empty = all
        std::string kind;            ///< for logs and metrics
        std::string if_unknown{};    ///< what a person does when the server does not know the kind (404)
        std::chrono::seconds watch_limit{240};
        resilience::Backoff::Options backoff{
            .initial = std::chrono::milliseconds(250),
            .ceiling = std::chrono::seconds(15),
            .multiplier = 2.0,
            .jitter = 0.5
        };
    };
    Reflector(
        Options options,
        kube::Client& client,
        ObjectSink& sink,
        const Clock& clock,
        metrics::Registry& registry
    );
    ~Reflector();
    Reflector(const Reflector&) = delete;
    Reflector& operator=(const Reflector&) = delete;

    void start();
    void stop();

    /// The first list has arrived.
    [[nodiscard]] bool synced() const { return synced_; }
    /// What to do, when the server's last answer was that it does not know the kind; else empty.
    [[nodiscard]] std::string advice() const { return unknown_ ? options_.if_unknown : std::string(); }
    /// Since the server last said anything: an answer, an event, a bookmark or the regular end of a watch.
    [[nodiscard]] Duration silence() const;
    /// Longer than this, and the watch has died without telling.
    [[nodiscard]] Duration silence_limit() const {
        return std::chrono::seconds(2) * options_.watch_limit.count();
    }

    /// One list and watches until an error or a stop. Called by the thread; and by tests. Gives how long to
    /// wait before the next call.
    Duration round(const std::stop_token& stop);

private:
    bool list();
    void list_failed(const Error& error);
    /// False when the version is too old to watch from.
    bool watch(const std::stop_token& stop);
    bool take_line(std::string&& line);
    void heard();
    void run(const std::stop_token& stop);

    const Options options_;
    kube::Client& client_;
    ObjectSink& sink_;
    const Clock& clock_;
    resilience::Backoff backoff_;
    metrics::Counter lists_;
    metrics::Counter watches_;
    metrics::Counter events_;
    std::string version_;  // the thread's
    bool relist_ = false;  // the thread's
    int failures_ = 0;     // the thread's
    std::atomic<bool> synced_{false};
    std::atomic<bool> unknown_{false};
    std::atomic<Duration::rep> heard_at_{0};
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;  // last
};

}  // namespace platform::control
