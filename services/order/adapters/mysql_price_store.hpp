#pragma once
#include "services/order/domain/prices.hpp"
#include "shared/core/clock.hpp"
#include "shared/mysql/pool.hpp"

#include <optional>

namespace platform::order {

/// The catalogue's prices in MySQL, where all replicas find what one of them has read. Thread-safe, but for refresh(): one thread.
class MysqlPriceStore final : public PriceStore {
public:
    explicit MysqlPriceStore(mysql::Pool& pool) : pool_(pool) {}

    [[nodiscard]] Result<void> keep(std::span<const CataloguePrice> prices) override;
    /// Gives `book` all prices the first time, and what has changed since every time after that; then the book is complete.
    [[nodiscard]] Result<void> refresh(PriceBook& book);

private:
    mysql::Pool& pool_;
    std::optional<WallTime> seen_;  // of the database's clock: all that was kept before is in the book
};

}  // namespace platform::order
