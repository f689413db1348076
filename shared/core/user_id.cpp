#include "shared/core/user_id.hpp"

#include "shared/core/utf8.hpp"

namespace platform {

bool valid_user_id(std::string_view id) {
    return utf8::is_plain(id, kMaxUserIdCharacters);
}

}  // namespace platform
