#pragma once
#include "shared/core/uuid.hpp"

#include <string>
#include <string_view>

/// The W3C trace context: "00-<trace id>-<span id>-<flags>", all in lower-case hexadecimal digits.
namespace platform::traceparent {

/// False for what has to be ignored: another form, version ff, an id of zeros.
[[nodiscard]] bool valid(std::string_view text);

/// The next hop: the trace and flags of `received` with a new span id; a new, unsampled trace when `received` is not valid.
[[nodiscard]] std::string next_hop(std::string_view received, UuidGenerator& ids);

}  // namespace platform::traceparent
