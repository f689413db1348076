#include "shared/http/media_type.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace platform::http {

bool is_json(const Request& request) {
    const auto header = request.header("content-type");
    if (!header) return false;
    std::string_view type = *header;
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
    return std::ranges::equal(type, std::string_view("application/json"), {}, [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
}

}  // namespace platform::http
