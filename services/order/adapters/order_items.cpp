#include "services/order/adapters/order_items.hpp"

#include "shared/core/json.hpp"

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace platform::order {
namespace {

events::Item item_of(const json::Value& value) {
    const auto* product = value.find("productId");
    const auto* quantity = value.find("quantity");
    const auto* price = value.find("price");
    if (product == nullptr || quantity == nullptr || price == nullptr)
        throw std::runtime_error("orders.items lacks a field");
    events::Item item{.product_id = product->text(), .quantity = 0, .price = {}};
    const std::string& text = quantity->text();
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), item.quantity);
    const auto money = Money::parse(price->text());
    if (parsed.ec != std::errc{} || !money) throw std::runtime_error("orders.items holds a wrong number");
    item.price = *money;
    return item;
}

}  // namespace

void write_items(json::Writer& out, const std::vector<events::Item>& items) {
    out.begin_array();
    for (const events::Item& item : items) {
        out.begin_object().field("productId", item.product_id).field("quantity", item.quantity);
        out.key("price").number_text(item.price.text()).end_object();
    }
    out.end_array();
}

std::optional<std::string> encode_items(const std::vector<events::Item>& items) {
    if (items.empty()) return std::nullopt;
    json::Writer out;
    write_items(out, items);
    return out.take();
}

std::vector<events::Item> decode_items(std::string_view text) {
    const auto document = json::parse(text);
    if (!document || !document->is(json::Value::Kind::Array)) throw std::runtime_error("orders.items is no list");
    std::vector<events::Item> items;
    for (const auto& value : document->items()) items.push_back(item_of(value));
    return items;
}

std::string product_mark(std::string_view product_id) {
    return "\"productId\":\"" + std::string(product_id) + "\"";
}

}  // namespace platform::order
