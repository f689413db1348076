#pragma once
#include <cstddef>
#include <string_view>

namespace platform {

inline constexpr std::size_t kMaxUserIdCharacters = 64;

/// A customer's id is opaque: 1 to 64 characters (of UTF-8), none of them an ASCII control character. Pure.
[[nodiscard]] bool valid_user_id(std::string_view id);

}  // namespace platform
