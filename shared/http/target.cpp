#include "shared/http/target.hpp"

#include "shared/http/characters.hpp"

#include <algorithm>
#include <utility>

namespace platform::http {
namespace {

Result<std::string> decoded(std::string_view text, bool (*bare)(char), bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char character = text[i];
        if (character == '%') {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(ErrorKind::Invalid, "The target holds a percent sign without two digits.");
            character = static_cast<char>(high * 16 + low);
            i += 2;
            if (is_forbidden_control(character) || character == '\t') {
                return fail(ErrorKind::Invalid, "The target holds a control character.");
            }
        } else if (!bare(character)) {
            return fail(ErrorKind::Invalid, "The target holds a character that has to be percent-encoded.");
        } else if (plus_is_space && character == '+') {
            character = ' ';
        }
        out.push_back(character);
    }
    return out;
}

Result<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> segments;
    path.remove_prefix(1);
    if (path.empty()) return segments;
    for (bool more = true; more;) {
        const std::size_t slash = path.find('/');
        more = slash != std::string_view::npos;
        Result<std::string> segment = decoded(path.substr(0, slash), is_path_character, false);
        if (!segment) return std::unexpected(segment.error());
        if (*segment == "." || *segment == "..") return fail(ErrorKind::Invalid, "The path holds a dot segment.");
        if (segment->contains('/') || segment->contains('\\')) {
            return fail(ErrorKind::Invalid, "The path holds an encoded slash.");
        }
        segments.push_back(std::move(*segment));
        if (more) path.remove_prefix(slash + 1);
    }
    return segments;
}

Result<std::map<std::string, std::string>> split_query(std::string_view query) {
    std::map<std::string, std::string> pairs;
    while (!query.empty()) {
        const std::size_t ampersand = query.find('&');
        const std::string_view pair = query.substr(0, ampersand);
        query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        Result<std::string> key = decoded(pair.substr(0, equals), is_query_character, true);
        if (!key) return std::unexpected(key.error());
        const std::string_view raw = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        Result<std::string> value = decoded(raw, is_query_character, true);
        if (!value) return std::unexpected(value.error());
        if (!pairs.try_emplace(std::move(*key), std::move(*value)).second) {
            return fail(ErrorKind::Invalid, "The query holds one key twice.");
        }
    }
    return pairs;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
    if (!target.starts_with('/')) return fail(ErrorKind::Invalid, "The target has to be a path that starts with a slash.");
    const std::size_t question = target.find('?');
    Result<std::vector<std::string>> segments = split_path(target.substr(0, question));
    if (!segments) return std::unexpected(segments.error());
    const std::string_view raw = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    auto query = split_query(raw);
    if (!query) return std::unexpected(query.error());

    Target parsed{.path = {}, .segments = std::move(*segments), .query = std::move(*query)};
    for (const std::string& segment : parsed.segments) parsed.path.append("/").append(segment);
    if (parsed.path.empty()) parsed.path = "/";
    return parsed;
}

std::string encode_segment(std::string_view segment) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    out.reserve(segment.size());
    for (const char character : segment) {
        if (is_alphanumeric(character) || std::string_view("-._~").contains(character)) {
            out.push_back(character);
            continue;
        }
        const auto code = static_cast<unsigned char>(character);
        out.push_back('%');
        out.push_back(kDigits[code >> 4U]);
        out.push_back(kDigits[code & 0x0fU]);
    }
    return out;
}

}  // namespace platform::http
