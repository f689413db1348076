#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <string>
#include <string_view>

namespace platform {

/// "2026-11-22T10:00:00.123456Z" (RFC 3339, always six digits, always UTC). Thread-safe.
[[nodiscard]] std::string to_rfc3339(WallTime time);

/// Reads RFC 3339 with zero to nine digits of a second and `Z` or `+00:00`; digits beyond microseconds are cut.
/// Error: Invalid.
[[nodiscard]] Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace platform
