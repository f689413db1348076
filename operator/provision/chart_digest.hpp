#pragma once
#include <map>
#include <string>

namespace platform::provision {

/// One digest per chart of a directory, over the names and contents of all its files but README.md. Throws
/// std::runtime_error when the directory or a file cannot be read, or the charts infrastructure and service
/// are not there.
[[nodiscard]] std::map<std::string, std::string> chart_digests(const std::string& directory);

}  // namespace platform::provision
