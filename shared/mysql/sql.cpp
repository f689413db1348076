#include "shared/mysql/sql.hpp"

#include "shared/core/check.hpp"
#include "shared/core/time_text.hpp"

#include <algorithm>
#include <cstdint>

namespace platform::mysql {
namespace {

void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    out += "X'";
    for (const char byte : bytes) {
        const auto value = static_cast<std::uint8_t>(byte);
        out += kDigits[value >> 4U];
        out += kDigits[value & 0xFU];
    }
    out += '\'';
}

/// A character that stands for itself inside '...' whatever the sql_mode and the character set.
bool is_plain(char c) {
    return c >= ' ' && c <= '~' && c != '\'' && c != '\\';
}

/// Length of the UTF-8 sequence at the start of `text`, 0 when it is none that MySQL's utf8mb4 takes.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    }
    const std::uint8_t second = byte(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool beyond = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

void Sql::cut_at_mark(std::string_view& text) {
    const std::size_t mark = text.find('?');
    CHECK(mark != std::string_view::npos, "a statement has one '?' for every value");
    text_ += text.substr(0, mark);
    text.remove_prefix(mark + 1);
}

void Sql::finish(std::string_view text) {
    CHECK(text.find('?') == std::string_view::npos, "a statement has one value for every '?'");
    text_ += text;
}

void Sql::put(std::string_view text) {
    if (std::ranges::all_of(text, is_plain)) {
        text_ += '\'';
        text_ += text;
        text_ += '\'';
        return;
    }
    // Without the introducer a hexadecimal literal is binary, and comparing it with a text column would miss
    // the index.
    if (is_utf8(text)) text_ += "_utf8mb4 ";
    append_hex(text_, text);
}

void Sql::put(const Uuid& id) {
    append_hex(text_, id.raw());
}

void Sql::put(Money amount) {
    text_ += amount.text();
}

void Sql::put(WallTime time) {
    std::string text = to_rfc3339(time);  // 2026-11-22T10:00:00.123456Z
    text[10] = ' ';
    text.pop_back();
    text_ += '\'';
    text_ += text;
    text_ += '\'';
}

void Sql::put(bool value) {
    text_ += value ? "TRUE" : "FALSE";
}

}  // namespace platform::mysql
