#pragma once
#include "services/inventory/domain/item.hpp"
#include "services/inventory/domain/reservation.hpp"
#include "shared/mysql/session.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

/// Products, their stock and its ledger as rows of inventory_db, in the caller's transaction.
namespace platform::inventory {

/// The columns that read_item() reads, in their order.
inline constexpr std::string_view kItemColumns =
    "product_id, available, reserved, name, price, currency, low_mark, revision";
[[nodiscard]] Item read_item(const mysql::Row& row);

/// Locks the products, sorted; those that do not exist are unknown.
[[nodiscard]] Result<Stocks> lock_stock(mysql::Session& session, const std::set<std::string>& products);
/// One relative change a product. Unavailable when a product is not as it was locked.
[[nodiscard]] Result<void> save_stock(mysql::Session& session, const Stocks& stocks);

/// Adds a product with its first stock. Conflict when it exists.
[[nodiscard]] Result<void> add_item(mysql::Session& session, const Item& item);

/// Writes what differs between a locked product as it was and as it shall be; its stock by a relative change.
[[nodiscard]] Result<void> update_item(mysql::Session& session, const Item& was, const Item& item);

/// Writes ledger_rows() of the entries.
[[nodiscard]] Result<void> save_ledger(mysql::Session& session, std::span<const LedgerEntry> entries);

}  // namespace platform::inventory
