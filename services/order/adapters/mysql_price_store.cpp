#include "services/order/adapters/mysql_price_store.hpp"

#include "shared/mysql/session.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

constexpr std::size_t kPage = 1000;
/// Rows are stamped when they are written and seen when their transaction has ended; that takes no longer than this.
constexpr auto kOverlap = std::chrono::seconds(30);

CataloguePrice read_price(const mysql::Row& row) {
    CataloguePrice price{.product_id = row.text(0), .revision = row.integer(1), .price = std::nullopt, .currency = row.text(3)};
    if (!row.is_null(2)) price.price = row.money(2);
    return price;
}

/// Locks are taken in this order, so that two replicas cannot wait for each other.
std::vector<CataloguePrice> sorted(std::span<const CataloguePrice> prices) {
    std::vector<CataloguePrice> all(prices.begin(), prices.end());
    std::ranges::stable_sort(all, {}, &CataloguePrice::product_id);
    return all;
}

}  // namespace

Result<void> MysqlPriceStore::keep(std::span<const CataloguePrice> prices) {
    if (prices.empty()) return {};
    mysql::Sql sql{"INSERT INTO catalogue_prices (product_id, revision, price, currency, kept_at) VALUES "};
    std::string_view separator = "(?,?,?,?,NOW(6))";
    for (const auto& price : sorted(prices)) {
        sql.add(separator, price.product_id, price.revision, price.price, price.currency);
        separator = ",(?,?,?,?,NOW(6))";
    }
    // Assignments are made from left to right, so `revision` comes last: the others look at what it was.
    sql.add(
        " AS new ON DUPLICATE KEY UPDATE"
        " price = IF(new.revision > catalogue_prices.revision, new.price, catalogue_prices.price),"
        " currency = IF(new.revision > catalogue_prices.revision, new.currency, catalogue_prices.currency),"
        " kept_at = IF(new.revision > catalogue_prices.revision, new.kept_at, catalogue_prices.kept_at),"
        " revision = GREATEST(new.revision, catalogue_prices.revision)"
    );
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    return (*lease)->execute(sql).transform([](std::uint64_t) {});
}

Result<void> MysqlPriceStore::refresh(PriceBook& book) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto now = (*lease)->query(mysql::Sql{"SELECT NOW(6)"});
    if (!now) return fail(std::move(now).error());
    std::string after;
    for (;;) {
        mysql::Sql sql{"SELECT product_id, revision, price, currency FROM catalogue_prices WHERE product_id > ?", after};
        if (seen_) sql.add(" AND kept_at >= ?", *seen_ - kOverlap);
        auto rows = (*lease)->query(sql.add(" ORDER BY product_id LIMIT ?", kPage));
        if (!rows) return fail(std::move(rows).error());
        std::vector<CataloguePrice> prices;
        for (const auto& row : *rows) prices.push_back(read_price(row));
        book.learn(prices);
        if (prices.size() < kPage) break;
        after = prices.back().product_id;
    }
    seen_ = now->front().time(0);
    book.complete();
    return {};
}

}  // namespace platform::order
