#pragma once
#include <ostream>
#include <span>
#include <string_view>

namespace platform::gateway {

/// The whole main:
///   gateway              serves until SIGTERM or SIGINT
///   gateway --settings   prints the settings with default, unit and meaning
///   gateway --version
/// Gives the exit code: 0, or 1 after one line on `err` that says what is wrong, or 2 for unknown arguments.
[[nodiscard]] int run(std::span<const std::string_view> arguments, std::ostream& out, std::ostream& err);

}  // namespace platform::gateway
