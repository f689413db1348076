#include "shared/http/entity_tag.hpp"

#include <algorithm>

namespace platform::http {
namespace {

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kWeak = "W/";

void skip(std::string_view& text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

std::string_view without_weakness(std::string_view tag) {
    if (tag.starts_with(kWeak)) tag.remove_prefix(kWeak.size());
    return tag;
}

/// Takes the quoted part of the tag in front; empty when there is none.
std::string_view take_opaque(std::string_view& text) {
    text = without_weakness(text);
    if (!text.starts_with('"')) return {};
    const auto end = text.find('"', 1);
    if (end == std::string_view::npos) return {};
    const std::string_view opaque = text.substr(0, end + 1);
    text.remove_prefix(opaque.size());
    return opaque;
}

}  // namespace

bool names_etag(std::string_view if_none_match, std::string_view etag) {
    const std::string_view wanted = without_weakness(etag);
    std::string_view rest = if_none_match;
    skip(rest, kBlank);
    if (rest.starts_with('*')) {
        rest.remove_prefix(1);
        skip(rest, kBlank);
        return rest.empty();
    }
    bool named = false;
    while (true) {
        skip(rest, " \t,");  // a list may have empty members
        if (rest.empty()) return named;
        const std::string_view opaque = take_opaque(rest);
        if (opaque.empty()) return false;
        named = named || opaque == wanted;
        skip(rest, kBlank);
        if (!rest.empty() && rest.front() != ',') return false;
    }
}

}  // namespace platform::http
