#pragma once
#include <optional>
#include <string>

namespace platform::config {

/// The bytes of a file, or nothing when it is not a readable file. Thread-safe.
[[nodiscard]] std::optional<std::string> read_text_file(const std::string& path);

}  // namespace platform::config
