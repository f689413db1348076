#pragma once
#include "services/order/domain/order.hpp"
#include "services/order/domain/place_order.hpp"
#include "shared/core/money.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

namespace platform::order {

/// What the catalogue last said of a product.
struct CataloguePrice {
    std::string product_id;
    std::int64_t revision = 0;    ///< of the product; what is older than what is known is left out
    std::optional<Money> price;  ///< of one piece; absent: not for sale at a known price
    std::string currency;

    friend bool operator==(const CataloguePrice&, const CataloguePrice&) = default;
};

/// The prices of a catalogue event, and of no other.
[[nodiscard]] std::optional<CataloguePrice> price_of(const events::Event& event);

/// Port: prices that outlive the process. Thread-safe.
class PriceStore {
public:
    PriceStore() = default;
    PriceStore(const PriceStore&) = delete;
    PriceStore& operator=(const PriceStore&) = delete;
    virtual ~PriceStore() = default;

    /// Keeps those that are newer than what is kept. Repeatable.
    [[nodiscard]] virtual Result<void> keep(std::span<const CataloguePrice> prices) = 0;
};

/// The prices that orders are held to. Thread-safe; never blocks on anything outside the process.
class PriceBook {
public:
    /// Takes over those that are newer than what is known.
    void learn(std::span<const CataloguePrice> prices);
    /// Says that what is known is the whole catalogue as it was a moment ago.
    void complete();
    [[nodiscard]] bool is_complete() const;

    /// Every line whose price is not the catalogue's, in the words of a client. Empty = the order may be placed.
    [[nodiscard]] std::vector<Fault> faults_of(const Content& content) const;

private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, CataloguePrice, std::less<>> prices_;  // guarded by mutex_
    bool complete_ = false;                                      // guarded by mutex_
};

}  // namespace platform::order
