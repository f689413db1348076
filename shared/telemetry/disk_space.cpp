#include "shared/telemetry/disk_space.hpp"

#include <filesystem>
#include <system_error>

namespace platform::metrics {

DiskSpace sample_disk() {
    DiskSpace disk;
    std::error_code failed;
    disk.path = std::filesystem::current_path(failed).string();
    if (failed) return disk;
    const auto space = std::filesystem::space(disk.path, failed);
    if (failed) return disk;
    disk.exists = true;
    disk.total = space.capacity;
    disk.free = space.available;
    return disk;
}

}  // namespace platform::metrics
