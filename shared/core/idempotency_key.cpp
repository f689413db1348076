#include "shared/core/idempotency_key.hpp"

#include <algorithm>

namespace platform {

std::optional<std::string> read_idempotency_key(std::string_view header) {
    constexpr std::size_t kLongest = 255;
    std::string key;
    if (header.size() >= 2 && header.front() == '"' && header.back() == '"') {
        const std::string_view inner = header.substr(1, header.size() - 2);
        for (std::size_t i = 0; i < inner.size(); ++i) {
            if (inner[i] == '"') return std::nullopt;
            if (inner[i] == '\\' && (++i == inner.size() || (inner[i] != '"' && inner[i] != '\\')))
                return std::nullopt;
            key += inner[i];
        }
    } else {
        key = header;
    }
    const auto printable = [](char c) { return c >= 0x20 && c <= 0x7E; };
    if (key.empty() || key.size() > kLongest || !std::ranges::all_of(key, printable)) return std::nullopt;
    return key;
}

}  // namespace platform
