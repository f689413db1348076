#pragma once
#include "shared/core/clock.hpp"
#include "shared/telemetry/log.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace platform::log {

/// What all lines of a thread have in common for a while; an empty one is not in the line.
struct Context {
    std::string correlation_id;
    std::string trace_id;
    std::string order_id;
};
/// Of the calling thread; scopes set it (log.hpp, log_context.hpp).
[[nodiscard]] Context& context();

/// Everything that makes one line of the log.
struct Line {
    WallTime time;
    Level level = Level::Info;
    std::string_view service{};
    std::string_view message{};
    Fields fields{};
    std::string_view correlation_id{};  ///< empty: not in the line; these three give way to a field of their name
    std::string_view trace_id{};
    std::string_view order_id{};
    std::uint64_t suppressed = 0;  ///< repeats that were not written before this one; 0: not in the line
};

/// One JSON object and a line feed, never with a line feed inside. Thread-safe.
[[nodiscard]] std::string render(const Line& line);

[[nodiscard]] std::string_view to_string(Level level);

}  // namespace platform::log
