#pragma once
#include "shared/core/result.hpp"
#include "shared/outbox/outbox.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::outbox {

/// What the column `topic` says of a row that holds a bundle; no topic has this name.
inline constexpr std::string_view kBundleTopic = "";

/// How many of `rows`, at least one and from the first on, share a row of the table. Thread-safe.
[[nodiscard]] std::size_t size_of_bundle(std::span<const OutboxRow> rows);

/// Records as bytes for the column `payload` of a row that holds several. Thread-safe.
[[nodiscard]] std::string encode_bundle(std::span<const OutboxRow> records);

/// The records of a bundle; `bundle` and `attempts` are left to the caller. Error: Invalid when the bytes are not what
/// encode_bundle() writes. Thread-safe.
[[nodiscard]] Result<std::vector<OutboxRow>> decode_bundle(std::string_view bytes);

}  // namespace platform::outbox
