#include "services/order/domain/place_order.hpp"

#include "shared/core/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace platform::order {
namespace {

using json::Value;
using Kind = Value::Kind;

constexpr std::array<std::string_view, 5> kFields{"productId", "quantity", "price", "userId", "currency"};

class Faults {
public:
    void add(std::string pointer, std::string message) {
        if (list_.size() < kMaxFaults)
            list_.push_back({.pointer = std::move(pointer), .message = std::move(message)});
    }
    [[nodiscard]] bool none() const { return list_.empty(); }
    [[nodiscard]] std::vector<Fault> take() { return std::move(list_); }

private:
    std::vector<Fault> list_;
};

/// RFC 6901, cut where a client's name would make the answer long.
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

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

void read_product(const Value* value, Content& content, Faults& faults) {
    if (value == nullptr) return faults.add("/productId", "is required");
    if (!value->is(Kind::String)) return faults.add("/productId", "must be a string");
    if (!events::valid_product_id(value->text())) {
        return faults.add("/productId", "must be 1 to 64 characters out of A-Z a-z 0-9 . _ -");
    }
    content.product_id = value->text();
}

void read_quantity(const Value* value, Content& content, Faults& faults) {
    if (value == nullptr) return faults.add("/quantity", "is required");
    if (!value->is(Kind::Number)) return faults.add("/quantity", "must be a number");
    const std::string& text = value->text();
    const char* const end = text.data() + text.size();
    std::int32_t quantity = 0;
    const auto [at, error] = std::from_chars(text.data(), end, quantity);
    if (error == std::errc::invalid_argument || at != end) {
        return faults.add("/quantity", "must be a whole number, written without fraction or exponent");
    }
    if (error != std::errc{} || quantity < 1 || quantity > kMaxQuantity) {
        return faults.add("/quantity", "must be from 1 to 1000000");
    }
    content.quantity = quantity;
}

void read_price(const Value* value, Content& content, Faults& faults) {
    if (value == nullptr) return faults.add("/price", "is required");
    if (!value->is(Kind::Number) && !value->is(Kind::String)) {
        return faults.add("/price", "must be a decimal, as a number or a string");
    }
    const auto price = Money::parse(value->text());
    if (!price)
        return faults.add("/price", "must be a decimal with at most four digits after the point, in range");
    if (*price < Money{}) return faults.add("/price", "must not be negative");
    content.price = *price;
}

void read_user(const Value* value, Content& content, Faults& faults) {
    if (value == nullptr) return;
    if (!value->is(Kind::String)) return faults.add("/userId", "must be a string");
    if (characters(value->text()) > kMaxUserIdCharacters)
        return faults.add("/userId", "must be at most 64 characters");
    if (has_control_characters(value->text()))
        return faults.add("/userId", "must not have control characters");
    content.user_id = value->text();
}

void read_currency(const Value* value, std::string_view fallback, Content& content, Faults& faults) {
    content.currency = fallback;
    if (value == nullptr) return;
    if (!value->is(Kind::String) || !events::valid_currency(value->text())) {
        return faults.add("/currency", "must be three upper-case letters (ISO 4217)");
    }
    content.currency = value->text();
}

Refusal one_fault(Refusal::Kind kind, std::string pointer, std::string message) {
    return {.kind = kind, .faults = {{.pointer = std::move(pointer), .message = std::move(message)}}};
}

}  // namespace

std::expected<Content, Refusal> read_order(std::string_view body, std::string_view default_currency) {
    const auto document = json::parse(body);
    if (!document) {
        return std::unexpected(
            one_fault(Refusal::Kind::Malformed, document.error().pointer, document.error().message)
        );
    }
    if (!document->is(Kind::Object)) {
        return std::unexpected(one_fault(Refusal::Kind::Malformed, "", "must be a JSON object"));
    }
    Content content;
    Faults faults;
    read_product(document->find("productId"), content, faults);
    read_quantity(document->find("quantity"), content, faults);
    read_price(document->find("price"), content, faults);
    read_user(document->find("userId"), content, faults);
    read_currency(document->find("currency"), default_currency, content, faults);
    for (const auto& [name, value] : document->members()) {
        if (!std::ranges::contains(kFields, name)) faults.add(pointer_to(name), "is not a field of an order");
    }
    if (!faults.none())
        return std::unexpected(Refusal{.kind = Refusal::Kind::Malformed, .faults = faults.take()});

    const auto amount = content.price.times(content.quantity);
    if (!amount) {
        return std::unexpected(
            one_fault(Refusal::Kind::Semantic, "/price", "price times quantity is out of range")
        );
    }
    content.amount = *amount;
    return content;
}

std::optional<std::string> read_idempotency_key(std::string_view header) {
    constexpr std::size_t kLongest = 255;
    std::string key;
    if (header.size() >= 2 && header.front() == '"' && header.back() == '"') {
        const std::string_view inner = header.substr(1, header.size() - 2);
        for (std::size_t i = 0; i < inner.size(); ++i) {
            if (inner[i] == '"') return std::nullopt;
            if (inner[i] == '\\' && (++i == inner.size() || (inner[i] != '"' && inner[i] != '\\')))
                return std::nullopt;
            key += inner[i];
        }
    } else {
        key = header;
    }
    const auto printable = [](char c) { return c >= 0x20 && c <= 0x7E; };
    if (key.empty() || key.size() > kLongest || !std::ranges::all_of(key, printable)) return std::nullopt;
    return key;
}

}  // namespace platform::order
