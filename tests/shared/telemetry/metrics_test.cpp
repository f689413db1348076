#include "shared/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace platform::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(Metrics, WritesThePrometheusTextFormat) {
    Registry registry("order");
    registry.counter("orders_total", "Orders", {{"status", "accepted"}}).add();
    registry.counter("orders_total", "Orders", {{"status", "accepted"}}).add(2);
    const Gauge rows = registry.gauge("outbox_rows", "Rows");
    rows.set(5);
    rows.add(-2);
    const std::string text = registry.scrape();
    EXPECT_THAT(text, HasSubstr("# HELP orders_total Orders\n# TYPE orders_total counter\n"));
    EXPECT_THAT(text, HasSubstr("orders_total{application=\"order\",status=\"accepted\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE outbox_rows gauge\noutbox_rows{application=\"order\"} 3\n"));
}

TEST(Metrics, ATimerCountsSumsAndSorts) {
    Registry registry("order");
    const Timer timer = registry.timer("http_server_requests_seconds", "Requests", {{"uri", "/api/orders"}});
    timer.record(2ms);
    timer.record(300ms);
    const std::string text = registry.scrape();
    const auto series = [](const char* suffix, const char* more) {
        return "http_server_requests_seconds" + std::string(suffix) +
               "{application=\"order\",uri=\"/api/orders\"" + more + "} ";
    };
    EXPECT_THAT(text, HasSubstr(series("_count", "") + "2\n"));
    EXPECT_THAT(text, HasSubstr(series("_sum", "") + "0.302\n"));
    EXPECT_THAT(text, HasSubstr(series("_bucket", ",le=\"0.001\"") + "0\n"));
    EXPECT_THAT(text, HasSubstr(series("_bucket", ",le=\"0.0025\"") + "1\n"));
    EXPECT_THAT(text, HasSubstr(series("_bucket", ",le=\"+Inf\"") + "2\n"));
}

TEST(Metrics, ATimerTellsItsLongestOfLateAsMicrometerDoes) {
    Registry registry("order");
    registry.timer("b_seconds", "B", {{"x", "1"}}).record(20ms);
    registry.timer("b_seconds", "B", {{"x", "1"}}).record(3ms);
    registry.timer("b_seconds", "B", {{"x", "2"}}).record(1ms);
    const std::string text = registry.scrape();
    EXPECT_THAT(text, HasSubstr("# TYPE b_seconds_max gauge\nb_seconds_max{application=\"order\",x=\"1\"} 0.02\n"));
    EXPECT_THAT(text, HasSubstr("b_seconds_max{application=\"order\",x=\"2\"} 0.001\n"));
    EXPECT_THAT(text, HasSubstr("b_seconds_count{application=\"order\",x=\"1\"} 2\n"));
}

TEST(Metrics, ReadsAtScrapeTime) {
    Registry registry("order");
    double depth = 1;
    registry.gauge_from("queue_depth", "Depth", {{"queue", "accept"}}, [&] { return depth; });
    registry.gauge_from("queue_depth", "Depth", {{"queue", "other"}}, [] { return 9.0; });
    registry.counter_from("refused_total", "Refused", {}, [] { return 4.0; });
    depth = 7;
    const std::string text = registry.scrape();
    EXPECT_THAT(text, HasSubstr("queue_depth{application=\"order\",queue=\"accept\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("queue_depth{application=\"order\",queue=\"other\"} 9\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE refused_total counter\nrefused_total{application=\"order\"} 4\n"));

    registry.gauge_from("queue_depth", "Depth", {{"queue", "accept"}}, [] { return 1.5; });
    EXPECT_THAT(registry.scrape(), HasSubstr("queue_depth{application=\"order\",queue=\"accept\"} 1.5\n"));
}

TEST(Metrics, EscapesLabels) {
    Registry registry("order");
    registry.counter("c_total", "C", {{"name", "a\"b\\c\nd"}}).add();
    EXPECT_THAT(registry.scrape(), HasSubstr(R"(name="a\"b\\c\nd")"));
}

TEST(Metrics, HasEveryFamilyOnce) {
    Registry registry("order");
    registry.counter("a_total", "A", {{"x", "1"}}).add();
    registry.counter("a_total", "A", {{"x", "2"}}).add();
    registry.timer("b_seconds", "B").record(1s);
    registry.gauge_from("c", "C", {}, [] { return 0.0; });
    std::map<std::string, int> types;
    std::istringstream lines(registry.scrape());
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) ++types[line];
    }
    for (const auto& [line, times] : types) EXPECT_EQ(times, 1) << line;
    EXPECT_GE(types.size(), 4U);
}

TEST(Metrics, IncludesTheProcess) {
    const std::string text = Registry("order").scrape();
    for (const char* name : {
             "process_cpu_seconds_total{application=\"order\"} ",
             "process_start_time_seconds{",
             "process_uptime_seconds{",
             "process_resident_memory_bytes{",
             "process_files_open_files{",
             "process_files_max_files{",
             "process_threads{",
             "system_cpu_count{",
             "application_build_info{application=\"order\",version=\"" PLATFORM_VERSION "\"} 1",
         }) {
        EXPECT_THAT(text, HasSubstr(name));
    }
}

TEST(Metrics, LosesNothingBetweenThreads) {
    Registry registry("order");
    const Counter counter = registry.counter("n_total", "N");
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 10'000; ++n) counter.add();
                (void)registry.scrape();
            });
        }
    }
    EXPECT_THAT(registry.scrape(), HasSubstr("n_total{application=\"order\"} 40000\n"));
}

}  // namespace
}  // namespace platform::metrics
