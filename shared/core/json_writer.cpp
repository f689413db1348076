#include "shared/core/json_writer.hpp"

#include "shared/core/utf8.hpp"

#include <cstddef>
#include <format>

namespace platform::json {
namespace {

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
        if (static_cast<unsigned char>(text[at]) < 0x80U) {
            append_ascii(out, text[at++]);
            continue;
        }
        const std::size_t length = utf8::sequence_length(text, at);
        out += length == 0 ? utf8::kReplacement : text.substr(at, length);
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
