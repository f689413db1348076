#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace platform::json {

/// Appends `text` as a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD, so that the result is always JSON.
void append_string(std::string& out, std::string_view text);

/// Writes a JSON document in order, without an intermediate tree. Calls have to nest properly; commas are its business. One thread.
class Writer {
public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);

    Writer& string(std::string_view value);
    Writer& integer(std::int64_t value);
    Writer& boolean(bool value);
    Writer& null();
    /// A number already written as JSON wants it (Money::text()).
    Writer& number_text(std::string_view value);
    /// A whole JSON value already written.
    Writer& raw(std::string_view json);

    Writer& field(std::string_view name, std::string_view value) { return key(name).string(value); }
    Writer& field(std::string_view name, const char* value) { return key(name).string(value); }
    Writer& field(std::string_view name, const std::string& value) { return key(name).string(value); }
    Writer& field(std::string_view name, bool value) { return key(name).boolean(value); }
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool>)
    Writer& field(std::string_view name, Integer value) {
        return key(name).integer(static_cast<std::int64_t>(value));
    }

    [[nodiscard]] const std::string& text() const& { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void separate();
    std::string out_;
    bool needs_comma_ = false;
};

}  // namespace platform::json
