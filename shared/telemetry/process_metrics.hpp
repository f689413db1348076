#pragma once
#include <cstdint>

namespace platform::metrics {

/// What the kernel says about this process. Read from /proc; a field that cannot be read is 0.
struct ProcessSample {
    double cpu_seconds = 0;  ///< user and system time
    double start_time_seconds = 0;  ///< since 1970
    double uptime_seconds = 0;
    double resident_bytes = 0;
    double virtual_bytes = 0;
    double open_files = 0;
    double max_files = 0;
    double threads = 0;
    double cpu_count = 0;
    double load_average = 0;  ///< of the whole machine, over a minute
};

/// Thread-safe; opens a few files.
[[nodiscard]] ProcessSample sample_process();

}  // namespace platform::metrics
