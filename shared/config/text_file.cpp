#include "shared/config/text_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace platform::config {

std::optional<std::string> read_text_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return std::nullopt;  // opens, but reading it throws
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return std::nullopt;
    return text;
}

}  // namespace platform::config
