#include "services/order/domain/place_order.hpp"

#include "shared/core/json.hpp"
#include "shared/core/user_id.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace platform::order {
namespace {

using json::Value;
using Kind = Value::Kind;

constexpr std::array<std::string_view, 3> kLineFields{"productId", "quantity", "price"};
constexpr std::array<std::string_view, 6> kFields{
    "productId", "quantity", "price", "userId", "currency", "items"
};

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

void read_product(const Value* value, const std::string& pointer, events::Item& line, Faults& faults) {
    if (value == nullptr) return faults.add(pointer, "is required");
    if (!value->is(Kind::String)) return faults.add(pointer, "must be a string");
    if (!events::valid_product_id(value->text())) {
        return faults.add(pointer, "must be 1 to 64 characters out of A-Z a-z 0-9 . _ -");
    }
    line.product_id = value->text();
}

void read_quantity(const Value* value, const std::string& pointer, events::Item& line, Faults& faults) {
    if (value == nullptr) return faults.add(pointer, "is required");
    if (!value->is(Kind::Number)) return faults.add(pointer, "must be a number");
    const std::string& text = value->text();
    const char* const end = text.data() + text.size();
    std::int32_t quantity = 0;
    const auto [at, error] = std::from_chars(text.data(), end, quantity);
    if (at != end || error != std::errc{} || quantity < 1 || quantity > kMaxQuantity) {
        return faults.add(pointer, "must be from 1 to 1000000");
    }
    line.quantity = quantity;
}

void read_price(const Value* value, const std::string& pointer, events::Item& line, Faults& faults) {
    if (value == nullptr) return faults.add(pointer, "is required");
    if (!value->is(Kind::Number) && !value->is(Kind::String)) {
        return faults.add(pointer, "must be a decimal, as a number or a string");
    }
    const auto price = Money::parse(value->text());
    if (!price)
        return faults.add(pointer, "must be a decimal with at most four digits after the point, in range");
    if (*price < Money{}) return faults.add(pointer, "must not be negative");
    line.price = *price;
}

/// `at` is the pointer to the object: "" or "/items/3".
events::Item read_line(const Value& object, const std::string& at, Faults& faults) {
    events::Item line;
    read_product(object.find("productId"), at + "/productId", line, faults);
    read_quantity(object.find("quantity"), at + "/quantity", line, faults);
    read_price(object.find("price"), at + "/price", line, faults);
    return line;
}

std::vector<events::Item> read_items(const Value& value, Faults& faults) {
    std::vector<events::Item> lines;
    if (!value.is(Kind::Array) || value.items().empty() || value.items().size() > kMaxLines) {
        faults.add("/items", "must be a list of 1 to 20 lines");
        return lines;
    }
    for (std::size_t i = 0; i < value.items().size(); ++i) {
        const Value& object = value.items()[i];
        const std::string at = "/items/" + std::to_string(i);
        if (!object.is(Kind::Object)) {
            faults.add(at, "must be an object");
            continue;
        }
        for (const auto& [name, member] : object.members()) {
            if (!std::ranges::contains(kLineFields, name))
                faults.add(at + json::pointer_to(name), "is not a field of a line");
        }
        events::Item line = read_line(object, at, faults);
        if (!line.product_id.empty() &&
            std::ranges::contains(lines, line.product_id, &events::Item::product_id)) {
            faults.add(at + "/productId", "stands in an earlier line; one line a product");
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

/// The lines of an order in either form.
std::vector<events::Item> read_lines(const Value& order, Faults& faults) {
    const Value* items = order.find("items");
    if (items == nullptr) return {read_line(order, "", faults)};
    for (const std::string_view name : kLineFields) {
        if (order.find(name) != nullptr)
            faults.add(json::pointer_to(name), "stands in the lines of 'items' when there are any");
    }
    return read_items(*items, faults);
}

/// Nothing when it is out of range.
std::optional<Money> sum_of(const std::vector<events::Item>& lines) {
    Money sum;
    for (const events::Item& line : lines) {
        const auto amount = line.price.times(line.quantity);
        if (!amount) return std::nullopt;
        const auto more = sum.plus(*amount);
        if (!more) return std::nullopt;
        sum = *more;
    }
    return sum;
}

void read_user(const Value* value, Content& content, Faults& faults) {
    if (value == nullptr) return;
    if (!value->is(Kind::String)) return faults.add("/userId", "must be a string");
    if (!value->text().empty() && !valid_user_id(value->text()))
        return faults.add("/userId", "must be at most 64 characters, none of them a control character");
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
    auto lines = read_lines(*document, faults);
    read_user(document->find("userId"), content, faults);
    read_currency(document->find("currency"), default_currency, content, faults);
    for (const auto& [name, value] : document->members()) {
        if (!std::ranges::contains(kFields, name)) faults.add(json::pointer_to(name), "is not a field of an order");
    }
    if (!faults.none())
        return std::unexpected(Refusal{.kind = Refusal::Kind::Malformed, .faults = faults.take()});

    const auto amount = sum_of(lines);
    if (!amount) {
        const bool several = document->find("items") != nullptr;
        return std::unexpected(one_fault(
            Refusal::Kind::Semantic, several ? "/items" : "/price", "price times quantity is out of range"
        ));
    }
    content.product_id = lines.front().product_id;
    content.quantity = lines.front().quantity;
    content.price = lines.front().price;
    content.amount = *amount;
    if (lines.size() > 1) content.items = std::move(lines);
    return content;
}

}  // namespace platform::order
