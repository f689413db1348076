#pragma once
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"

#include <string>
#include <string_view>

namespace platform::outbox {

/// Headers as bytes for the column `headers`: for each name and value its length (4 bytes, little-endian),
/// then its bytes. Thread-safe.
[[nodiscard]] std::string encode_headers(const kafka::Headers& headers);

/// Error: Invalid when the bytes are not what encode_headers() writes. Thread-safe.
[[nodiscard]] Result<kafka::Headers> decode_headers(std::string_view bytes);

}  // namespace platform::outbox
