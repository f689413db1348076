#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/http/message.hpp"
#include "shared/http/problem.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// What the queries of the API's reads say. Strict: an unknown parameter or a wrong value is a 400 that names it.
namespace platform::order {

/// status, sagaState, productId, userId, from, to, limit, cursor.
[[nodiscard]] std::expected<OrderStore::Query, http::Problem> read_list_query(const http::Request& request);

/// `wait` ("5s", "250ms"), zero when absent.
[[nodiscard]] std::expected<Duration, http::Problem> read_wait(const http::Request& request);

/// Nothing but what may be said, which is nothing.
[[nodiscard]] std::optional<http::Problem> refuse_query(const http::Request& request);

/// The same list from `after` on, as path and query.
[[nodiscard]] std::string next_page(const http::Request& request, const OrderStore::Place& after);

/// Where a page ended, as text without meaning for clients, and back.
[[nodiscard]] std::string to_cursor(const OrderStore::Place& place);
[[nodiscard]] std::optional<OrderStore::Place> parse_cursor(std::string_view text);

}  // namespace platform::order
