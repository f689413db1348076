#pragma once
#include "shared/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::inventory {

/// Why stock moved.
enum class Movement : std::uint8_t { Initial, Reserved, Released, Adjusted };
[[nodiscard]] std::string_view to_string(Movement movement);
[[nodiscard]] std::optional<Movement> parse_movement(std::string_view text);

/// One change of a product's available stock.
struct LedgerEntry {
    std::string product_id;
    OrderId order_id;        ///< nil when no order is the cause
    std::int64_t delta = 0;  ///< of `available`
    Movement movement = Movement::Initial;
    std::string reason = {};  ///< of a change by hand
};

/// A row of the ledger, which is kept for ever. The changes of one transaction that have the same product and the same cause are one row; whose pieces they are is in the
/// reservations. The sum of all deltas of a product is its available stock.
struct LedgerRow {
    std::string product_id;
    Movement movement = Movement::Initial;
    std::int64_t delta = 0;
    std::int64_t orders = 0;  ///< how many orders it sums up
    OrderId order_id;         ///< that order, when it is one; else nil
    std::string reason = {};

    friend bool operator==(const LedgerRow&, const LedgerRow&) = default;
};

/// In order of product and movement. Entries that no order caused stay rows of their own.
[[nodiscard]] std::vector<LedgerRow> ledger_rows(std::span<const LedgerEntry> entries);

}  // namespace platform::inventory
