#pragma once
#include "services/order/domain/order.hpp"
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/mysql/session.hpp"
#include "shared/mysql/sql.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// How an order stands in the table `orders`.
namespace platform::order {

/// The columns that read_order_row() expects, in its order.
[[nodiscard]] std::string_view order_columns();
inline constexpr std::size_t kOrderColumns = 24;

/// Throws std::runtime_error when a row was written by another program.
[[nodiscard]] Order read_order_row(const mysql::Row& row);

/// One page of the list, newest first.
[[nodiscard]] mysql::Sql select_page(const OrderStore::Query& query);

/// A new order and the outbox row that holds its ORDER_CREATED.
struct Announced {
    const Order* order = nullptr;
    Uuid outbox_row;
};

/// One multi-row INSERT; the first look of the sweeper comes after `first_look`.
[[nodiscard]] mysql::Sql insert_orders(std::span<const Announced> orders, Duration first_look);

/// The same, replacing what may change in the rows that exist: one statement for a whole batch.
[[nodiscard]] mysql::Sql update_orders(std::span<const Order* const> orders);

/// `front` followed by the ids in parentheses, and `back`.
[[nodiscard]] mysql::Sql
with_ids(std::string_view front, std::span<const OrderId> ids, std::string_view back);

}  // namespace platform::order
