#pragma once
#include "shared/core/json.hpp"
#include "shared/events/events.hpp"
#include "shared/events/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <format>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform::events {

/// Reads the members of one object. The first thing that is wrong is kept and everything after it gives empty
/// values, so that a reader is a plain list of fields and one check at its end. One thread.
class FieldReader {
public:
    explicit FieldReader(const json::Value& object) : object_(object) {}

    [[nodiscard]] const std::string& fault() const { return fault_; }

    void refuse(std::string_view name, std::string_view why) {
        if (fault_.empty()) fault_ = std::format("{}: {}", name, why);
    }

    /// A string of at most `longest` characters without control characters; absent and null are "".
    std::string optional_text(std::string_view name, std::size_t longest) {
        const json::Value* value = present(name);
        if (value == nullptr) return {};
        if (!value->is(json::Value::Kind::String)) return refuse(name, "not a string"), std::string{};
        std::size_t characters = 0;
        for (const char c : value->text()) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7F) return refuse(name, "control character"), std::string{};
            if ((byte & 0xC0U) != 0x80U) ++characters;
        }
        if (characters > longest) return refuse(name, "too long"), std::string{};
        return value->text();
    }
    std::string text(std::string_view name, std::size_t longest) {
        std::string value = optional_text(name, longest);
        if (value.empty()) refuse(name, "missing or empty");
        return value;
    }

    /// A reason may hold line breaks of a foreign writer; they become spaces.
    std::string reason() {
        const json::Value* value = present("reason");
        if (value == nullptr) return {};
        if (!value->is(json::Value::Kind::String)) return refuse("reason", "not a string"), std::string{};
        if (value->text().size() > wire::kMaxReason * 4) return refuse("reason", "too long"), std::string{};
        std::string text = value->text();
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' '
        );
        return text;
    }

    template <class IdType>
    IdType id(std::string_view name) {
        auto value = optional_id<IdType>(name);
        if (!value) refuse(name, "missing");
        return value.value_or(IdType{});
    }
    template <class IdType>
    std::optional<IdType> optional_id(std::string_view name) {
        const json::Value* value = present(name);
        if (value == nullptr) return std::nullopt;
        const auto parsed =
            value->is(json::Value::Kind::String) ? IdType::parse(value->text()) : fail(ErrorKind::Invalid, "");
        if (!parsed) return refuse(name, "not a UUID"), std::nullopt;
        return *parsed;
    }

    std::int32_t quantity(std::string_view name, std::int32_t least) {
        const json::Value* value = present(name);
        if (value == nullptr) return refuse(name, "missing"), 0;
        const auto number = integer<std::int32_t>(name, *value);
        if (number < least) refuse(name, "out of range");
        return number;
    }
    std::int64_t count(std::string_view name, std::int64_t least = std::numeric_limits<std::int64_t>::min()) {
        const json::Value* value = present(name);
        if (value == nullptr) return refuse(name, "missing"), 0;
        const auto number = integer<std::int64_t>(name, *value);
        if (number < least) refuse(name, "out of range");
        return number;
    }
    std::int32_t optional_quantity(std::string_view name) {
        return present(name) == nullptr ? 0 : quantity(name, 0);
    }

    /// An amount that is not negative; a JSON number on the reference system's fields, a string on ours.
    /// Either is taken.
    std::optional<Money> optional_money(std::string_view name) {
        const json::Value* value = present(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is(json::Value::Kind::Number) && !value->is(json::Value::Kind::String))
            return refuse(name, "not an amount"), std::nullopt;
        const auto amount = Money::parse(value->text());
        if (!amount) return refuse(name, amount.error().what), std::nullopt;
        if (*amount < Money{}) return refuse(name, "negative"), std::nullopt;
        return *amount;
    }
    Money money(std::string_view name) {
        const auto amount = optional_money(name);
        if (!amount) refuse(name, "missing");
        return amount.value_or(Money{});
    }
    std::string currency() {
        std::string code = optional_text("currency", 3);
        if (code.empty()) return std::string(kDefaultCurrency);
        if (!valid_currency(code)) refuse("currency", "not three upper-case letters");
        return code;
    }
    std::string product() {
        std::string id = optional_text("productId", wire::kMaxName);
        if (!valid_product_id(id)) refuse("productId", "not a product id");
        return id;
    }
    std::string optional_product() {
        const json::Value* value = present("productId");
        const bool empty = value == nullptr || (value->is(json::Value::Kind::String) && value->text().empty());
        return empty ? std::string{} : product();
    }

    /// An absent code, or one of a later version, is `usual`: that the leg failed matters more than why.
    FailureCode code(FailureCode usual) {
        return parse_code(optional_text("code", wire::kMaxName)).value_or(usual);
    }

    void version(std::string_view name) {
        const json::Value* value = present(name);
        if (value == nullptr) return refuse(name, "missing");
        if (integer<std::int32_t>(name, *value) != kVersion) refuse(name, "not a version this reader knows");
    }

    /// The list of an order's lines, each read by `read`; absent and null are an empty one.
    template <class Element>
    std::vector<Element> items(Element (*read)(FieldReader&)) {
        const json::Value* value = present("items");
        if (value == nullptr) return {};
        if (!value->is(json::Value::Kind::Array)) return refuse("items", "not a list"), std::vector<Element>{};
        if (value->items().size() > wire::kMaxItems) return refuse("items", "too many"), std::vector<Element>{};
        std::vector<Element> read_items;
        for (const json::Value& item : value->items()) {
            if (!item.is(json::Value::Kind::Object)) return refuse("items", "not an object"), std::vector<Element>{};
            FieldReader in{item};
            read_items.push_back(read(in));
            if (!in.fault().empty()) return refuse("items", in.fault()), std::vector<Element>{};
        }
        return read_items;
    }

    const json::Value* present(std::string_view name) const {
        if (!fault_.empty()) return nullptr;
        const json::Value* value = object_.find(name);
        return value != nullptr && value->is(json::Value::Kind::Null) ? nullptr : value;
    }

private:
    template <class Integer>
    Integer integer(std::string_view name, const json::Value& value) {
        Integer number = 0;
        const std::string& text = value.text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (!value.is(json::Value::Kind::Number) || error != std::errc{} || end != text.data() + text.size()) {
            refuse(name, "not a whole number, or out of range");
        }
        return number;
    }

    const json::Value& object_;
    std::string fault_;
};

}  // namespace platform::events
