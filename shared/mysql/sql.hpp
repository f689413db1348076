#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"
#include "shared/core/uuid.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace platform::mysql {

/// A statement as text whose values cannot be taken for syntax: text and bytes become hexadecimal or plain-ASCII literals, so no server mode changes
/// their meaning. Built by pieces, because multi-row statements are what makes MySQL fast. One thread.
class Sql {
public:
    Sql() = default;
    /// `text` has one '?' per value: sql("SELECT a FROM t WHERE id = ? AND n > ?", id, 3).
    template <class... Values>
    explicit Sql(std::string_view text, const Values&... values) {
        add(text, values...);
    }
    /// Appends; the count of '?' has to equal the count of values (CHECK).
    template <class... Values>
    Sql& add(std::string_view text, const Values&... values) {
        if constexpr (sizeof...(Values) == 0) {
            text_ += text;
        } else {
            (append_until_mark(text, values), ...);
            finish(text);
        }
        return *this;
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }

private:
    template <class Value>
    void append_until_mark(std::string_view& text, const Value& value) {
        cut_at_mark(text);
        put(value);
    }
    void cut_at_mark(std::string_view& text);
    void finish(std::string_view text);

    void put(std::string_view text);
    void put(const std::string& text) { put(std::string_view(text)); }
    void put(const char* text) { put(std::string_view(text)); }
    void put(const Uuid& id);
    void put(Money amount);
    void put(WallTime time);
    void put(bool value);
    void put(std::nullopt_t) { text_ += "NULL"; }
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool>)
    void put(Integer value) {
        text_ += std::to_string(value);
    }
    template <class Tag>
    void put(const Id<Tag>& id) {
        put(id.uuid);
    }
    template <class Value>
    void put(const std::optional<Value>& value) {
        if (value) {
            put(*value);
        } else {
            text_ += "NULL";
        }
    }

    std::string text_;
};

}  // namespace platform::mysql
