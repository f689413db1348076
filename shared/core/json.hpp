#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Strict JSON for bytes from outside: RFC 8259, valid UTF-8, no repeated keys, bounded depth, numbers kept as their exact text.
namespace platform::json {

/// A parsed value. Immutable once parsed.
class Value {
public:
    enum class Kind : unsigned char { Null, Boolean, Number, String, Array, Object };

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] bool is(Kind kind) const { return kind_ == kind; }
    [[nodiscard]] bool boolean() const { return boolean_; }
    /// The characters of a string, or a number as it was written ("199.99", "1e2").
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<Value>& items() const { return items_; }
    [[nodiscard]] const std::vector<std::pair<std::string, Value>>& members() const { return members_; }
    /// The member of an object, or null when there is none.
    [[nodiscard]] const Value* find(std::string_view name) const;

private:
    friend class Builder;
    Kind kind_ = Kind::Null;
    bool boolean_ = false;
    std::string text_;
    std::vector<Value> items_;
    std::vector<std::pair<std::string, Value>> members_;
};

struct Limits {
    std::size_t max_depth = 32;
    std::size_t max_bytes = 1024 * 1024;
};

/// Where and why a text is not acceptable. `pointer` is a JSON pointer to the place, "" for the whole document; `message` is fit for a client.
struct Fault {
    std::string pointer;
    std::string message;
};

/// Never throws, never recurses. Thread-safe.
[[nodiscard]] std::expected<Value, Fault> parse(std::string_view text, const Limits& limits = {});

/// The JSON pointer (RFC 6901) to a member of a document: "/quantity". A name, which may be a client's own, is cut after 64 bytes: it would make the answer
/// long that tells of it.
[[nodiscard]] std::string pointer_to(std::string_view name);

}  // namespace platform::json
