#pragma once
#include "services/inventory/domain/reservation.hpp"
#include "shared/mysql/session.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

/// Reservations as rows of inventory_db, in the caller's transaction: one row an order, and one a product where an order has several.
namespace platform::inventory {

using Reservations = std::map<OrderId, std::optional<Reservation>>;

/// Locks the reservations of these orders, sorted; an order without one has nothing to lock.
[[nodiscard]] Result<Reservations> lock_reservations(mysql::Session& session, const std::set<OrderId>& orders);

/// Reservations that nobody had when this transaction looked. No lock holds what is not there, so another member of the group may have been faster (a partition that
/// moved); its reservation must not be written over, or its stock is lost: Unavailable.
[[nodiscard]] Result<void>
add_reservations(mysql::Session& session, const std::vector<const Reservation*>& made);

/// Reservations that are locked by this transaction; nothing but their state ever changes.
[[nodiscard]] Result<void>
update_reservations(mysql::Session& session, const std::vector<const Reservation*>& changed);

}  // namespace platform::inventory
