#pragma once
#include "services/order/domain/order.hpp"
#include "services/order/domain/place_order.hpp"
#include "shared/http/message.hpp"
#include "shared/http/problem.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Orders as the API shows them.
namespace platform::order {

[[nodiscard]] std::string order_path(const OrderId& id);
/// 202 with Location and {orderId, status, sagaState, links}.
[[nodiscard]] http::Response accepted(const OrderId& id, SagaState state, bool replayed);
/// 200 with ETag and everything that is known, steps included.
[[nodiscard]] http::Response shown(const Order& order);
[[nodiscard]] std::string etag(const Order& order);
/// 200 {"orders":[...]}; `next`, the target of the next page, as links.next and as a Link header, unless it is empty.
[[nodiscard]] http::Response listed(const std::vector<Order>& orders, const std::string& next);
/// 400 or 422 that names every faulty field.
[[nodiscard]] http::Problem to_problem(const Refusal& refusal);
/// 422 that names every line whose price is not the catalogue's, and what it costs.
[[nodiscard]] http::Problem price_mismatch(const std::vector<Fault>& faults);

}  // namespace platform::order
