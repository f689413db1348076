#pragma once
#include "shared/core/clock.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace platform::control {

/// Keys that wait to be looked at. A key stands in it once, however often it was added; while it is being
/// worked on, an addition waits until done(). Failures of a key delay its next turn: 500 ms doubling to a
/// minute. Thread-safe.
class WorkQueue {
public:
    static constexpr Duration kFirstDelay = std::chrono::milliseconds(500);
    static constexpr Duration kLongestDelay = std::chrono::minutes(1);

    WorkQueue(const Clock& clock, metrics::Registry& registry, const std::string& name);

    /// Called, from the adding thread, after each addition; set before any thread adds.
    void on_added(std::function<void()> wake) { wake_ = std::move(wake); }

    /// Due at once; an earlier delayed turn of the key is forgotten.
    void add(const std::string& key);
    /// Due after `delay`, unless it is due before already.
    void add_after(const std::string& key, Duration delay);
    /// Due after the delay for the key's count of failures, which this call raises.
    void add_failed(const std::string& key);
    void forget_failures(const std::string& key);

    /// A key that is due, or nothing. Each one taken has to be given back by done().
    [[nodiscard]] std::optional<std::string> take();
    void done(const std::string& key);

    /// How long until the next key is due; nothing when none waits. Keys that are being worked on do not
    /// count.
    [[nodiscard]] std::optional<Duration> next_due() const;
    [[nodiscard]] std::size_t size() const;

private:
    void put(const std::string& key, Instant due);

    const Clock& clock_;
    std::function<void()> wake_ = [] {};
    metrics::Gauge depth_;
    metrics::Counter adds_;
    metrics::Counter retries_;
    mutable std::mutex mutex_;
    std::map<std::string, Instant> due_;        // all below guarded by mutex_
    std::map<std::string, Instant> due_after_;  // added while being worked on
    std::set<std::string> working_;
    std::map<std::string, int> failures_;
};

}  // namespace platform::control
