#pragma once
#include "shared/core/json_writer.hpp"
#include "shared/events/events.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lines of an order as JSON: in the column `items` and in the API.
namespace platform::order {

/// [{"productId","quantity","price"}, ...] as the next value of `out`.
void write_items(json::Writer& out, const std::vector<events::Item>& items);
/// The column's text; nothing for no items.
[[nodiscard]] std::optional<std::string> encode_items(const std::vector<events::Item>& items);
/// Throws std::runtime_error when the text was written by another program.
[[nodiscard]] std::vector<events::Item> decode_items(std::string_view text);
/// What the text of a column holds exactly when one of its lines is of this product.
[[nodiscard]] std::string product_mark(std::string_view product_id);

}  // namespace platform::order
