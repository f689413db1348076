#include "shared/telemetry/metrics.hpp"

#include "shared/core/clock.hpp"
#include "shared/telemetry/disk_space.hpp"
#include "shared/telemetry/process_metrics.hpp"
#include "shared/telemetry/timer_cell.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace platform::metrics {
namespace {

prometheus::ClientMetric histogram_of(const Labels& labels, const TimerCell::Reading& reading) {
    prometheus::ClientMetric metric;
    for (const auto& [label, text] : labels) metric.label.push_back({label, text});
    metric.histogram.sample_count = reading.count;
    metric.histogram.sample_sum = reading.sum_seconds;
    for (std::size_t i = 0; i < kTimerBounds.size(); ++i) {
        metric.histogram.bucket.push_back({reading.cumulative[i], kTimerBounds[i]});
    }
    return metric;
}

prometheus::MetricFamily family_of(
    std::string name,
    std::string help,
    prometheus::MetricType type,
    const Labels& labels,
    double value
) {
    prometheus::ClientMetric metric;
    for (const auto& [label, text] : labels) metric.label.push_back({label, text});
    if (type == prometheus::MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
    prometheus::MetricFamily family;
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    family.metric.push_back(std::move(metric));
    return family;
}

void append_process(std::vector<prometheus::MetricFamily>& families, const Labels& labels) {
    using enum prometheus::MetricType;
    const ProcessSample sample = sample_process();
    const auto add = [&](const char* name, const char* help, prometheus::MetricType type, double value) {
        families.push_back(family_of(name, help, type, labels, value));
    };
    add("process_cpu_seconds_total", "User and system time of the process", Counter, sample.cpu_seconds);
    add("process_start_time_seconds", "Start of the process since 1970", Gauge, sample.start_time_seconds);
    add("process_uptime_seconds", "Time since the start of the process", Gauge, sample.uptime_seconds);
    add("process_resident_memory_bytes", "Memory in RAM", Gauge, sample.resident_bytes);
    add("process_virtual_memory_bytes", "Address space in use", Gauge, sample.virtual_bytes);
    add("process_files_open_files", "Open file descriptors", Gauge, sample.open_files);
    add("process_files_max_files", "Limit of open file descriptors", Gauge, sample.max_files);
    add("process_threads", "Threads of the process", Gauge, sample.threads);
    add("system_cpu_count", "Processors that the process may use", Gauge, sample.cpu_count);
    add("system_load_average_1m", "Threads that run or could run, on the whole machine", Gauge, sample.load_average);
    const DiskSpace disk = sample_disk();
    Labels folder = labels;
    folder.emplace("path", disk.path);
    families.push_back(family_of("disk_total_bytes", "Size of the file system", Gauge, folder, static_cast<double>(disk.total)));
    families.push_back(family_of("disk_free_bytes", "What may still be filled", Gauge, folder, static_cast<double>(disk.free)));
    Labels build = labels;
    build.emplace("version", PLATFORM_VERSION);
    families.push_back(family_of("application_build_info", "Always 1; the labels say what runs", Gauge, build, 1));
}

/// A value that is read at each scrape, by name and labels.
struct Reading {
    std::string help;
    prometheus::MetricType type;
    std::map<Labels, std::function<double()>> series;
};

struct Timers {
    std::string help;
    std::map<Labels, std::unique_ptr<TimerCell>> series;
};

}  // namespace

#ifdef PLATFORM_WITHOUT_METRICS  // only to measure what they cost: ci/endurance
void Counter::add(double /*value*/) const {}
void Gauge::set(double /*value*/) const {}
void Gauge::add(double /*value*/) const {}
void Timer::record(std::chrono::nanoseconds /*duration*/) const {}
#else
void Counter::add(double value) const {
    static_cast<prometheus::Counter*>(impl_)->Increment(value);
}
void Gauge::set(double value) const {
    static_cast<prometheus::Gauge*>(impl_)->Set(value);
}
void Gauge::add(double value) const {
    static_cast<prometheus::Gauge*>(impl_)->Increment(value);
}
void Timer::record(std::chrono::nanoseconds duration) const {
    static_cast<TimerCell*>(impl_)->record(duration, SystemClock().now());
}
#endif

struct Registry::Impl {
    Labels constant;
    prometheus::Registry registry;
    const SystemClock clock;
    std::mutex mutex;
    std::map<std::string, Reading> readings;  // guarded by mutex
    std::mutex timers_mutex;  // another one: what is read at a scrape may take its time, a request must not wait for it
    std::map<std::string, Timers> timers;     // guarded by timers_mutex; the cells themselves need no lock

    /// One family a name; prometheus-cpp itself makes a second one of another type, which no scraper accepts.
    template <class Builder>
    auto& family(Builder builder, const std::string& name, const std::string& help) {
        return builder.Name(name).Help(help).Labels(constant).Register(registry);
    }
    void read(
        const std::string& name,
        const std::string& help,
        prometheus::MetricType type,
        const Labels& labels,
        std::function<double()> value
    ) {
        const std::lock_guard lock(mutex);
        auto& reading =
            readings.try_emplace(name, Reading{.help = help, .type = type, .series = {}}).first->second;
        reading.series.insert_or_assign(labels, std::move(value));
    }
    TimerCell& timer(const std::string& name, const std::string& help, const Labels& labels) {
        const std::lock_guard lock(timers_mutex);
        auto& all = timers[name];
        if (all.help.empty()) all.help = help;
        auto& cell = all.series[labels];
        if (!cell) cell = std::make_unique<TimerCell>();
        return *cell;
    }
    /// Micrometer's two families a timer: the histogram, and the largest duration of late.
    void append_timers(std::vector<prometheus::MetricFamily>& families) {
        const std::lock_guard lock(timers_mutex);
        for (const auto& [name, all] : timers) {
            prometheus::MetricFamily histogram;
            histogram.name = name;
            histogram.help = all.help;
            histogram.type = prometheus::MetricType::Histogram;
            prometheus::MetricFamily largest;
            largest.name = name + "_max";
            largest.help = all.help + " (longest of the last 2 to 3 minutes)";
            largest.type = prometheus::MetricType::Gauge;
            for (const auto& [labels, cell] : all.series) {
                Labels full = constant;
                full.insert(labels.begin(), labels.end());
                const TimerCell::Reading reading = cell->read(clock.now());
                histogram.metric.push_back(histogram_of(full, reading));
                auto one = family_of(name, all.help, prometheus::MetricType::Gauge, full, reading.max_seconds);
                largest.metric.push_back(std::move(one.metric.front()));
            }
            families.push_back(std::move(histogram));
            families.push_back(std::move(largest));
        }
    }
    void append_readings(std::vector<prometheus::MetricFamily>& families) {
        const std::lock_guard lock(mutex);
        for (const auto& [name, reading] : readings) {
            prometheus::MetricFamily family;
            family.name = name;
            family.help = reading.help;
            family.type = reading.type;
            for (const auto& [labels, value] : reading.series) {
                Labels all = constant;
                all.insert(labels.begin(), labels.end());
                auto one = family_of(name, reading.help, reading.type, all, value());
                family.metric.push_back(std::move(one.metric.front()));
            }
            families.push_back(std::move(family));
        }
    }
};

Registry::Registry(std::string application) : impl_(std::make_unique<Impl>()) {
    impl_->constant = {{"application", std::move(application)}};
}
Registry::~Registry() = default;

Counter Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return Counter(&impl_->family(prometheus::BuildCounter(), name, help).Add(labels));
}
Gauge Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return Gauge(&impl_->family(prometheus::BuildGauge(), name, help).Add(labels));
}
Timer Registry::timer(const std::string& name, const std::string& help, const Labels& labels) {
    return Timer(&impl_->timer(name, help, labels));
}
void Registry::gauge_from(
    const std::string& name,
    const std::string& help,
    const Labels& labels,
    std::function<double()> read
) {
    impl_->read(name, help, prometheus::MetricType::Gauge, labels, std::move(read));
}
void Registry::counter_from(
    const std::string& name,
    const std::string& help,
    const Labels& labels,
    std::function<double()> read
) {
    impl_->read(name, help, prometheus::MetricType::Counter, labels, std::move(read));
}

std::string Registry::scrape() const {
    auto families = impl_->registry.Collect();
    impl_->append_timers(families);
    impl_->append_readings(families);
    append_process(families, impl_->constant);
    std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace platform::metrics
