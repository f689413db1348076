#include "shared/config/settings.hpp"

#include <algorithm>
#include <utility>

namespace platform::config {
namespace {

std::string one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return text;
}

}  // namespace

SettingError::SettingError(std::string fault) : std::runtime_error(one_line(std::move(fault))) {}

}  // namespace platform::config
