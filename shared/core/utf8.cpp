#include "shared/core/utf8.hpp"

#include <algorithm>
#include <functional>

namespace platform::utf8 {
namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool continuation(std::string_view text, std::size_t at) {
    return at < text.size() && continues(text[at]);
}

}  // namespace

std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    if (first < 0x80U) return 1;
    if (first >= 0xC2U && first <= 0xDFU) return continuation(text, at + 1) ? 2 : 0;
    if (first >= 0xE0U && first <= 0xEFU) {
        const bool overlong = first == 0xE0U && second < 0xA0U;
        const bool surrogate = first == 0xEDU && second > 0x9FU;
        return continuation(text, at + 1) && continuation(text, at + 2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0U && first <= 0xF4U) {
        const bool overlong = first == 0xF0U && second < 0x90U;
        const bool beyond = first == 0xF4U && second > 0x8FU;
        const bool tail = continuation(text, at + 1) && continuation(text, at + 2) && continuation(text, at + 3);
        return tail && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

std::string repaired(std::string_view text) {
    std::string good;
    good.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        good += length == 0 ? kReplacement : text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return good;
}

bool is_plain(std::string_view text, std::size_t longest) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; };
    const auto characters = static_cast<std::size_t>(std::ranges::count_if(text, std::not_fn(continues)));
    return characters >= 1 && characters <= longest && std::ranges::none_of(text, is_control);
}

}  // namespace platform::utf8
