#pragma once
#include "services/inventory/domain/catalogue.hpp"
#include "services/inventory/domain/catalogue_store.hpp"
#include "services/inventory/domain/item.hpp"
#include "shared/http/message.hpp"
#include "shared/http/problem.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// Products, movements and adjustments as the API shows and reads them.
namespace platform::inventory {

[[nodiscard]] http::Response shown(const Item& item, int status = 200);
/// {"items":[...],"links":{"next":...}}; there may be more when the page is full.
[[nodiscard]] http::Response listed(const std::vector<Item>& items, std::size_t limit);
/// {"movements":[...],"links":{"next":...}}, the newest first.
[[nodiscard]] http::Response
listed(const std::string& product_id, const std::vector<MovementRecord>& movements, std::size_t limit);
/// 201 with what came of it; the same for a replay, which says so in Idempotency-Replayed.
[[nodiscard]] http::Response shown(const Adjusted& adjusted);
[[nodiscard]] http::Problem to_problem(const AdjustmentRefused& refused);

/// Bodies from outside, strictly: 400 for what is no JSON object, 422 that names every faulty field.
[[nodiscard]] std::expected<ProductWanted, http::Problem>
read_product(std::string_view body, const std::string& product_id);
[[nodiscard]] std::expected<AdjustmentWanted, http::Problem>
read_adjustment(std::string_view body, const std::string& product_id, const std::string& key);

/// 400 for a faulty part of the path or the query: `pointer` is "/limit".
[[nodiscard]] http::Problem bad_parameter(const std::string& pointer, std::string message);
[[nodiscard]] http::Problem bad_product();

}  // namespace platform::inventory
