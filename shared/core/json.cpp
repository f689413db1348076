#include "shared/core/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <format>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace platform::json {

/// Receives the parser's events and builds a Value; refuses what RFC 8259 leaves open (repeated keys, depth).
class Builder {
public:
    explicit Builder(const Limits& limits) : limits_(limits) {}

    bool null() { return add(Value{}); }
    bool boolean(bool value) {
        Value made = of_kind(Value::Kind::Boolean);
        made.boolean_ = value;
        return add(std::move(made));
    }
    bool number_integer(std::int64_t value) { return number(std::to_string(value)); }
    bool number_unsigned(std::uint64_t value) { return number(std::to_string(value)); }
    bool number_float(double /*value*/, const std::string& text) { return number(text); }
    bool string(std::string& value) {
        Value made = of_kind(Value::Kind::String);
        made.text_ = std::move(value);
        return add(std::move(made));
    }
    bool binary(nlohmann::json::binary_t& /*value*/) { return refuse("binary values are not JSON"); }
    bool start_object(std::size_t /*size*/) { return open(Value::Kind::Object); }
    bool start_array(std::size_t /*size*/) { return open(Value::Kind::Array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        Level& level = open_.back();
        level.key = std::move(name);
        return level.admit_key() || refuse("the key is repeated");
    }
    bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& error) {
        constexpr int kNumberOutOfRange = 406;
        return refuse(
            error.id == kNumberOutOfRange ? std::string("the number is out of range")
                                          : std::format("not valid JSON at byte {}", position)
        );
    }

    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
    [[nodiscard]] Value take() { return std::move(root_); }

private:
    static Value of_kind(Value::Kind kind) {
        Value made;
        made.kind_ = kind;
        return made;
    }
    bool number(std::string text) {
        Value made = of_kind(Value::Kind::Number);
        made.text_ = std::move(text);
        return add(std::move(made));
    }
    bool open(Value::Kind kind) {
        if (open_.size() >= limits_.max_depth) {
            return refuse(std::format("nested deeper than {} levels", limits_.max_depth));
        }
        open_.push_back({.value = of_kind(kind), .key = {}, .seen = {}});
        return true;
    }
    bool close() {
        Value done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    bool add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return true;
        }
        Level& level = open_.back();
        if (level.value.is(Value::Kind::Object)) {
            level.value.members_.emplace_back(*std::exchange(level.key, {}), std::move(value));
        } else {
            level.value.items_.push_back(std::move(value));
        }
        return true;
    }
    bool refuse(std::string message) {
        if (!fault_) fault_ = Fault{.pointer = pointer(), .message = std::move(message)};
        return false;
    }
    [[nodiscard]] std::string pointer() const {
        std::string text;
        for (const Level& level : open_) {
            if (level.value.is(Value::Kind::Array)) {
                text += std::format("/{}", level.value.items().size());
            } else if (level.key) {
                text += pointer_to(*level.key);
            }
        }
        return text;
    }

    /// An object or array whose end has not come yet.
    struct Level {
        Value value;
        std::optional<std::string> key;  // read, its value not complete yet
        std::unordered_set<std::string> seen;  // the keys of a large object; a small one is searched

        /// False when `key` is there already. Keeps an object of many keys from costing their square.
        bool admit_key() {
            constexpr std::size_t kSmall = 16;
            if (value.members().size() < kSmall) return value.find(*key) == nullptr;
            if (seen.empty()) {
                for (const auto& [name, member] : value.members()) seen.insert(name);
            }
            return seen.insert(*key).second;
        }
    };

    const Limits& limits_;
    Value root_;
    std::vector<Level> open_;
    std::optional<Fault> fault_;
};

std::string pointer_to(std::string_view name) {
    constexpr std::size_t kLongestName = 64;
    std::string pointer = "/";
    for (const char c : name.substr(0, kLongestName)) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
    return pointer;
}

const Value* Value::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, [](const auto& member) -> std::string_view { return member.first; });
    return found == members_.end() ? nullptr : &found->second;
}

std::expected<Value, Fault> parse(std::string_view text, const Limits& limits) try {
    if (text.size() > limits.max_bytes) {
        return std::unexpected(Fault{.pointer = "", .message = std::format("longer than {} bytes", limits.max_bytes)});
    }
    // The library takes a NUL for the end of the text; RFC 8259 has no place for one.
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        return std::unexpected(Fault{.pointer = "", .message = std::format("not valid JSON at byte {}", nul + 1)});
    }
    Builder builder{limits};
    const bool done = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    if (builder.fault()) return std::unexpected(*builder.fault());
    if (!done) return std::unexpected(Fault{.pointer = "", .message = "not valid JSON"});
    return builder.take();
} catch (const nlohmann::json::exception&) {
    return std::unexpected(Fault{.pointer = "", .message = "not valid JSON"});
}

}  // namespace platform::json
