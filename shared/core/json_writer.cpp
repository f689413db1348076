#include "shared/core/json_writer.hpp"

#include <cstddef>
#include <format>

namespace platform::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0.
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

void append_ascii(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20U) {
        out += std::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
        out += c;
    }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        if (length == 1) {
            append_ascii(out, text[at]);
        } else {
            out += length == 0 ? kReplacement : text.substr(at, length);
        }
        at += length == 0 ? 1 : length;
    }
    out += '"';
}

void Writer::separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
}

Writer& Writer::begin_object() {
    separate();
    out_ += '{';
    needs_comma_ = false;
    return *this;
}
Writer& Writer::end_object() {
    out_ += '}';
    needs_comma_ = true;
    return *this;
}
Writer& Writer::begin_array() {
    separate();
    out_ += '[';
    needs_comma_ = false;
    return *this;
}
Writer& Writer::end_array() {
    out_ += ']';
    needs_comma_ = true;
    return *this;
}
Writer& Writer::key(std::string_view name) {
    separate();
    append_string(out_, name);
    out_ += ':';
    needs_comma_ = false;
    return *this;
}
Writer& Writer::string(std::string_view value) {
    separate();
    append_string(out_, value);
    return *this;
}
Writer& Writer::integer(std::int64_t value) {
    return raw(std::to_string(value));
}
Writer& Writer::boolean(bool value) {
    return raw(value ? "true" : "false");
}
Writer& Writer::null() {
    return raw("null");
}
Writer& Writer::number_text(std::string_view value) {
    return raw(value);
}
Writer& Writer::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace platform::json
