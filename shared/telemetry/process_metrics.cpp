#include "shared/telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace platform::metrics {
namespace {

/// The fields of /proc/self/stat after the program's name (which may hold blanks): index 0 is the state,
/// field 3 of proc(5).
std::vector<std::string> stat_fields() {
    std::ifstream file("/proc/self/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos) return {};
    std::istringstream rest(text.substr(end_of_name + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

double first_number(const char* path) {
    std::ifstream file(path);
    double number = 0;
    file >> number;
    return number;
}

double boot_time_seconds() {
    std::ifstream file("/proc/stat");
    std::string word;
    while (file >> word) {
        double seconds = 0;
        if (word == "btime" && file >> seconds) return seconds;
    }
    return 0;
}

double count_open_files() {
    std::error_code ignored;
    const std::filesystem::directory_iterator files("/proc/self/fd", ignored);
    if (ignored) return 0;
    return static_cast<double>(std::distance(begin(files), end(files)) - 1);  // one is the iterator's own
}

}  // namespace

ProcessSample sample_process() {
    constexpr std::size_t kUserTime = 11;
    constexpr std::size_t kSystemTime = 12;
    constexpr std::size_t kThreads = 17;
    constexpr std::size_t kStartTime = 19;
    constexpr std::size_t kVirtualSize = 20;
    constexpr std::size_t kResidentPages = 21;

    ProcessSample sample;
    const auto fields = stat_fields();
    if (fields.size() > kResidentPages) {
        const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
        const double started = std::stod(fields[kStartTime]) / ticks;
        sample.cpu_seconds = (std::stod(fields[kUserTime]) + std::stod(fields[kSystemTime])) / ticks;
        sample.start_time_seconds = boot_time_seconds() + started;
        sample.uptime_seconds = first_number("/proc/uptime") - started;
        sample.threads = std::stod(fields[kThreads]);
        sample.virtual_bytes = std::stod(fields[kVirtualSize]);
        sample.resident_bytes =
            std::stod(fields[kResidentPages]) * static_cast<double>(sysconf(_SC_PAGESIZE));
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) sample.max_files = static_cast<double>(limit.rlim_cur);
    sample.open_files = count_open_files();
    sample.cpu_count = std::thread::hardware_concurrency();
    sample.load_average = first_number("/proc/loadavg");
    return sample;
}

}  // namespace platform::metrics
