#include "shared/core/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <format>
#include <optional>

namespace platform::json {
namespace {

std::string escaped_pointer_part(std::string_view key) {
    std::string part;
    for (const char c : key) {
        if (c == '~') {
            part += "~0";
        } else if (c == '/') {
            part += "~1";
        } else {
            part += c;
        }
    }
    return part;
}

}  // namespace

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
        Value& object = open_.back();
        if (object.find(name) != nullptr) {
            keys_.back() = name;
            return refuse("the key is repeated");
        }
        keys_.back() = std::move(name);
        return true;
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
        open_.push_back(of_kind(kind));
        keys_.emplace_back();
        return true;
    }
    bool close() {
        Value done = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        return add(std::move(done));
    }
    bool add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().is(Value::Kind::Object)) {
            open_.back().members_.emplace_back(keys_.back(), std::move(value));
        } else {
            open_.back().items_.push_back(std::move(value));
        }
        return true;
    }
    bool refuse(std::string message) {
        if (!fault_) fault_ = Fault{.pointer = pointer(), .message = std::move(message)};
        return false;
    }
    [[nodiscard]] std::string pointer() const {
        std::string text;
        for (std::size_t i = 0; i < open_.size() && i < limits_.max_depth; ++i) {
            if (open_[i].is(Value::Kind::Array)) {
                text += std::format("/{}", open_[i].items().size());
            } else if (!keys_[i].empty()) {
                text += "/" + escaped_pointer_part(keys_[i]);
            }
        }
        return text;
    }

    const Limits& limits_;
    Value root_;
    std::vector<Value> open_;
    std::vector<std::string> keys_;  // the current key of each open object, beside open_
    std::optional<Fault> fault_;
};

const Value* Value::find(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, [](const auto& member) -> std::string_view { return member.first; });
    return found == members_.end() ? nullptr : &found->second;
}

std::expected<Value, Fault> parse(std::string_view text, const Limits& limits) try {
    if (text.size() > limits.max_bytes) {
        return std::unexpected(Fault{.pointer = "", .message = std::format("longer than {} bytes", limits.max_bytes)});
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
