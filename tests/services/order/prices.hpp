#pragma once
#include "services/order/domain/prices.hpp"
#include "tests/services/order/orders.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

/// Prices for tests.
namespace platform::order {

inline CataloguePrice
catalogue_price(std::string product, std::int64_t revision, std::optional<std::int64_t> units, std::string currency = "EUR") {
    return {
        .product_id = std::move(product),
        .revision = revision,
        .price = units.transform([](std::int64_t number) { return Money::of_units(number); }),
        .currency = std::move(currency)
    };
}

/// What inventory tells of a product that was changed by hand.
inline events::Event adjusted(const CataloguePrice& price, int number = 1) {
    return leg_event(
        OrderId{},
        number,
        events::InventoryAdjusted{
            .product_id = price.product_id,
            .revision = price.revision,
            .available = 7,
            .delta = 0,
            .reason = "catalogue",
            .price = price.price,
            .currency = price.currency
        }
    );
}

}  // namespace platform::order
