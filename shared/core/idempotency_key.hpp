#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace platform {

/// Reads an Idempotency-Key: a quoted string (RFC 9651) or its bare text, 1..255 printable ASCII characters. Nothing when it is neither. Pure.
[[nodiscard]] std::optional<std::string> read_idempotency_key(std::string_view header);

}  // namespace platform
