#include "services/inventory/domain/ledger.hpp"

#include <map>
#include <utility>

namespace platform::inventory {

std::string_view to_string(Movement movement) {
    switch (movement) {
        case Movement::Initial: return "INITIAL";
        case Movement::Reserved: return "RESERVED";
        case Movement::Released: return "RELEASED";
        case Movement::Adjusted: return "ADJUSTED";
    }
    return "INITIAL";
}

std::optional<Movement> parse_movement(std::string_view text) {
    for (const auto movement : {Movement::Initial, Movement::Reserved, Movement::Released, Movement::Adjusted}) {
        if (to_string(movement) == text) return movement;
    }
    return std::nullopt;
}

std::vector<LedgerRow> ledger_rows(std::span<const LedgerEntry> entries) {
    std::map<std::pair<std::string, Movement>, LedgerRow> sums;
    std::vector<LedgerRow> rows;
    for (const auto& entry : entries) {
        LedgerRow row{
            .product_id = entry.product_id,
            .movement = entry.movement,
            .delta = entry.delta,
            .orders = 1,
            .order_id = entry.order_id,
            .reason = entry.reason,
        };
        if (entry.order_id.uuid.is_nil()) {
            row.orders = 0;
            rows.push_back(std::move(row));
            continue;
        }
        const auto [sum, first] = sums.try_emplace({entry.product_id, entry.movement}, row);
        if (first) continue;
        sum->second.delta += entry.delta;
        sum->second.orders += 1;
        sum->second.order_id = {};
    }
    for (auto& [key, row] : sums) rows.push_back(std::move(row));
    return rows;
}

}  // namespace platform::inventory
