#include "services/order/domain/prices.hpp"

#include <format>
#include <mutex>
#include <string_view>
#include <utility>
#include <variant>

namespace platform::order {
namespace {

/// What is wrong with one line; empty when nothing is. `price` is the catalogue's, null when it has none.
Fault fault_of(const events::Item& line, const std::string& at, std::string_view currency, const CataloguePrice* known) {
    if (known == nullptr || !known->price) {
        return {.pointer = at + "/productId", .message = "has no price in the catalogue"};
    }
    if (known->currency != currency) {
        return {.pointer = "/currency", .message = std::format("{} is sold in {}", line.product_id, known->currency)};
    }
    if (*known->price != line.price) {
        return {
            .pointer = at + "/price",
            .message = std::format("{} costs {} {}", line.product_id, known->price->text(), known->currency)
        };
    }
    return {};
}

}  // namespace

std::optional<CataloguePrice> price_of(const events::Event& event) {
    const auto* adjusted = std::get_if<events::InventoryAdjusted>(&event.payload);
    if (adjusted == nullptr) return std::nullopt;
    return CataloguePrice{
        .product_id = adjusted->product_id,
        .revision = adjusted->revision,
        .price = adjusted->price,
        .currency = adjusted->currency,
    };
}

void PriceBook::learn(std::span<const CataloguePrice> prices) {
    const std::unique_lock lock(mutex_);
    for (const CataloguePrice& price : prices) {
        const auto [known, fresh] = prices_.try_emplace(price.product_id, price);
        if (!fresh && known->second.revision < price.revision) known->second = price;
    }
}

void PriceBook::complete() {
    const std::unique_lock lock(mutex_);
    complete_ = true;
}

bool PriceBook::is_complete() const {
    const std::shared_lock lock(mutex_);
    return complete_;
}

std::vector<Fault> PriceBook::faults_of(const Content& content) const {
    std::vector<Fault> faults;
    const auto lines = lines_of(content);
    const std::shared_lock lock(mutex_);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto known = prices_.find(lines[i].product_id);
        const std::string at = content.items.empty() ? "" : std::format("/items/{}", i);
        Fault fault = fault_of(lines[i], at, content.currency, known == prices_.end() ? nullptr : &known->second);
        if (!fault.message.empty()) faults.push_back(std::move(fault));
    }
    return faults;
}

}  // namespace platform::order
