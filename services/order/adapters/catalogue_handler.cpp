#include "services/order/adapters/catalogue_handler.hpp"

#include "shared/events/events.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace platform::order {
namespace {

constexpr std::string_view kType = "INVENTORY_ADJUSTED";

/// Nothing for the events of orders, and for what cannot be read: the next handler says what becomes of that.
std::optional<CataloguePrice> price_in(const kafka::Record& record) {
    if (!record.value.contains(kType)) return std::nullopt;
    const auto decoded = events::decode(record.value);
    if (!decoded || !std::holds_alternative<events::Event>(*decoded)) return std::nullopt;
    return price_of(std::get<events::Event>(*decoded));
}

}  // namespace

Result<void> CatalogueHandler::apply(std::span<const kafka::Record> batch) {
    std::vector<CataloguePrice> prices;
    for (const auto& record : batch) {
        if (auto price = price_in(record)) prices.push_back(*std::move(price));
    }
    if (!prices.empty()) {
        if (auto kept = store_.keep(prices); !kept) return kept;
        book_.learn(prices);
    }
    return next_.apply(batch);
}

Result<void> CatalogueHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return next_.dead_letter(record, why);
}

}  // namespace platform::order
