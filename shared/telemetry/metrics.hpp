#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::metrics {

using Labels = std::map<std::string, std::string>;

/// Handles are cheap to copy, valid as long as their Registry, and lock-free to use. Thread-safe.
class Counter {
public:
    void add(double value = 1) const;

private:
    friend class Registry;
    explicit Counter(void* impl) : impl_(impl) {}
    void* impl_;
};
class Gauge {
public:
    void set(double value) const;
    void add(double value) const;

private:
    friend class Registry;
    explicit Gauge(void* impl) : impl_(impl) {}
    void* impl_;
};
/// A Micrometer timer: `<name>_seconds_count|_sum|_bucket`.
class Timer {
public:
    void record(std::chrono::nanoseconds duration) const;

private:
    friend class Registry;
    explicit Timer(void* impl) : impl_(impl) {}
    void* impl_;
};

/// All metrics of one process (prometheus-cpp behind it). Every sample carries the label application=<service>.
/// Making a handle takes a lock; keep handles. Label values have to come from bounded sets. Thread-safe.
class Registry {
public:
    explicit Registry(std::string application);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    /// Names are full Prometheus names ("outbox_rows", "http_server_requests_seconds").
    [[nodiscard]] Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
    [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
    [[nodiscard]] Timer timer(const std::string& name, const std::string& help, const Labels& labels = {});
    /// `read` is called at each scrape, from the scraping thread; it must not block and must outlive the registry's last scrape.
    void gauge_from(
        const std::string& name, const std::string& help, const Labels& labels, std::function<double()> read
    );
    /// The same for a value that only grows.
    void counter_from(
        const std::string& name, const std::string& help, const Labels& labels, std::function<double()> read
    );
    /// The Prometheus text format 0.0.4. Process metrics (process_cpu_seconds_total, process_files_open_files, process_uptime_seconds,
    /// process_start_time_seconds, process_resident_memory_bytes, ...) and application_build_info are always included.
    [[nodiscard]] std::string scrape() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::metrics
