#pragma once
#include <cstdint>
#include <string>

namespace platform::metrics {

/// The file system that holds the folder this process runs in.
struct DiskSpace {
    std::string path;         ///< of the folder
    bool exists = false;      ///< it can be asked; the figures are 0 when not
    std::uint64_t total = 0;  ///< bytes
    std::uint64_t free = 0;   ///< bytes that a process without privileges may still fill
};

/// Thread-safe; one question to the kernel, no file is opened.
[[nodiscard]] DiskSpace sample_disk();

}  // namespace platform::metrics
