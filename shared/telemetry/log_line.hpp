#pragma once
#include "shared/core/clock.hpp"
#include "shared/telemetry/log.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace platform::log {

/// Everything that makes one line of the log.
struct Line {
    WallTime time;
    Level level = Level::Info;
    std::string_view service{};
    std::string_view message{};
    Fields fields{};
    std::string_view correlation_id{};  ///< empty: not in the line
    std::uint64_t suppressed = 0;      ///< repeats that were not written before this one; 0: not in the line
};

/// One JSON object and a line feed, never with a line feed inside. Thread-safe.
[[nodiscard]] std::string render(const Line& line);

[[nodiscard]] std::string_view to_string(Level level);

}  // namespace platform::log
