#include "shared/telemetry/process_metrics.hpp"

#include "shared/core/clock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace platform::metrics {
namespace {

TEST(ProcessMetrics, AreThoseOfThisProcess) {
    const ProcessSample sample = sample_process();
    EXPECT_GT(sample.resident_bytes, 500'000);
    EXPECT_LT(sample.resident_bytes, sample.virtual_bytes);
    EXPECT_GE(sample.threads, 1);
    EXPECT_GE(sample.cpu_count, 1);
    std::array<double, 1> load{};
    ASSERT_EQ(getloadavg(load.data(), 1), 1);
    EXPECT_NEAR(sample.load_average, load[0], 1);
    EXPECT_GE(sample.open_files, 3);
    EXPECT_LE(sample.open_files, sample.max_files);
    EXPECT_GE(sample.uptime_seconds, 0);
    EXPECT_LT(sample.uptime_seconds, 3600);
    const auto now = std::chrono::duration<double>(SystemClock().wall().time_since_epoch()).count();
    EXPECT_NEAR(sample.start_time_seconds + sample.uptime_seconds, now, 5);
}

TEST(ProcessMetrics, CountOpenFilesAndProcessorTime) {
    const ProcessSample before = sample_process();
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(sample_process().open_files, before.open_files + 1);
    close(file);
    volatile std::uint64_t work = 0;
    while (sample_process().cpu_seconds <= before.cpu_seconds) work = work + 1;
    EXPECT_GT(sample_process().cpu_seconds, before.cpu_seconds);
}

}  // namespace
}  // namespace platform::metrics
