#include "operator/api/fields.hpp"

#include "shared/core/json_writer.hpp"

#include <charconv>

namespace platform::api {
namespace {

std::string entry_of(const json::Value& object, std::string_view map, std::string_view name) {
    const json::Value* entries = at(object, map);
    const json::Value* found = entries ? entries->find(name) : nullptr;
    return found && found->is(json::Value::Kind::String) ? found->text() : std::string{};
}

/// As deep as the parser lets a document be.
void write(json::Writer& out, const json::Value& value) {
    switch (value.kind()) {
        case json::Value::Kind::Null:
            out.null();
            return;
        case json::Value::Kind::Boolean:
            out.boolean(value.boolean());
            return;
        case json::Value::Kind::Number:
            out.number_text(value.text());
            return;
        case json::Value::Kind::String:
            out.string(value.text());
            return;
        case json::Value::Kind::Array:
            out.begin_array();
            for (const json::Value& item : value.items()) write(out, item);
            out.end_array();
            return;
        case json::Value::Kind::Object:
            out.begin_object();
            for (const auto& [name, member] : value.members()) {
                out.key(name);
                write(out, member);
            }
            out.end_object();
            return;
    }
}

}  // namespace

const json::Value* at(const json::Value& value, std::string_view path) {
    const json::Value* here = &value;
    while (here && !path.empty()) {
        if (!here->is(json::Value::Kind::Object)) return nullptr;
        const std::size_t dot = path.find('.');
        here = here->find(path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return here;
}

std::string text_at(const json::Value& value, std::string_view path) {
    const json::Value* found = at(value, path);
    return found && found->is(json::Value::Kind::String) ? found->text() : std::string{};
}

std::optional<std::int64_t> integer_at(const json::Value& value, std::string_view path) {
    const json::Value* found = at(value, path);
    if (!found || !found->is(json::Value::Kind::Number)) return std::nullopt;
    std::int64_t number = 0;
    const char* end = found->text().data() + found->text().size();
    const auto [stop, error] = std::from_chars(found->text().data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

bool flag_at(const json::Value& value, std::string_view path, bool fallback) {
    const json::Value* found = at(value, path);
    return found && found->is(json::Value::Kind::Boolean) ? found->boolean() : fallback;
}

std::string label_of(const json::Value& object, std::string_view name) {
    return entry_of(object, "metadata.labels", name);
}

std::string annotation_of(const json::Value& object, std::string_view name) {
    return entry_of(object, "metadata.annotations", name);
}

std::string json_text(const json::Value& value) {
    json::Writer out;
    write(out, value);
    return out.take();
}

std::string encode(std::string_view text) {
    static constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (kPlain.contains(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0x0FU];
    }
    return out;
}

}  // namespace platform::api
