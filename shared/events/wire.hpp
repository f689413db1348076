#pragma once
#include "shared/events/events.hpp"

#include <cstddef>

/// Bounds of the wire format that writing and reading share.
namespace platform::events::wire {

inline constexpr std::size_t kMaxBytes = 256UL * 1024;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxUserId = 64;          // characters
inline constexpr std::size_t kMaxName = 64;            // characters: source service, kind, channel
inline constexpr std::size_t kMaxTransactionId = 128;  // characters
inline constexpr std::size_t kMaxProductName = 200;    // characters
inline constexpr std::size_t kMaxItems = 100;          // lines of one order
inline constexpr std::size_t kMaxReason = 512;         // characters; encode() cuts what is longer

}  // namespace platform::events::wire
