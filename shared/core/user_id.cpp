#include "shared/core/user_id.hpp"

#include <algorithm>

namespace platform {

bool valid_user_id(std::string_view id) {
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; };
    const auto characters = static_cast<std::size_t>(std::ranges::count_if(id, begins_character));
    return characters >= 1 && characters <= kMaxUserIdCharacters && std::ranges::none_of(id, is_control);
}

}  // namespace platform
