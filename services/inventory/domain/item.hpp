#pragma once
#include "shared/core/money.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace platform::inventory {

/// A product of the catalogue with its stock.
struct Item {
    std::string product_id;
    std::int64_t available = 0;
    std::int64_t reserved = 0;
    std::string name = {};            ///< empty when it has none
    std::optional<Money> price = {};  ///< of one piece; absent when it is not for sale at a known price
    std::string currency{events::kDefaultCurrency};
    std::int64_t low_mark = 0;  ///< stock below it is low; 0: never
    std::int64_t revision = 0;  ///< grows with every change by hand; reservations leave it alone

    [[nodiscard]] bool low() const { return available < low_mark; }

    friend bool operator==(const Item&, const Item&) = default;
};

}  // namespace platform::inventory
