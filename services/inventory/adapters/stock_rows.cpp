#include "services/inventory/adapters/stock_rows.hpp"

#include <optional>
#include <utility>

namespace platform::inventory {
namespace {

std::optional<std::string_view> or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

Item read_item(const mysql::Row& row) {
    Item item{.product_id = row.text(0), .available = row.integer(1), .reserved = row.integer(2)};
    if (!row.is_null(3)) item.name = row.text(3);
    if (!row.is_null(4)) item.price = row.money(4);
    item.currency = row.text(5);
    item.low_mark = row.integer(6);
    item.revision = row.integer(7);
    return item;
}

Result<Stocks> lock_stock(mysql::Session& session, const std::set<std::string>& products) {
    Stocks stocks;
    if (products.empty()) return stocks;
    mysql::Sql sql{"SELECT product_id, available, low_mark FROM inventory_items WHERE product_id IN ("};
    std::string_view separator;
    for (const auto& product : products) {
        sql.add(separator).add("?", product);
        separator = ",";
        stocks[product] = Stock{};
    }
    sql.add(") ORDER BY product_id");
#ifndef PLATFORM_MUTANT_READ_MODIFY_WRITE_STOCK
    sql.add(" FOR UPDATE");
#endif
    auto rows = session.query(sql);
    if (!rows) return fail(std::move(rows).error());
    for (const auto& row : *rows) stocks[row.text(0)] = Stock{row.integer(1), row.integer(2)};
    return stocks;
}

Result<void> save_stock(mysql::Session& session, const Stocks& stocks) {
    for (const auto& [product, stock] : stocks) {
        if (stock.available_change() == 0 && stock.reserved_change() == 0) continue;
#ifdef PLATFORM_MUTANT_READ_MODIFY_WRITE_STOCK
        auto changed = session.execute(mysql::Sql{
            "UPDATE inventory_items SET available = ?, reserved = reserved + ? WHERE product_id = ?",
            stock.available(),
            stock.reserved_change(),
            product
        });
#else
        auto changed = session.execute(mysql::Sql{
            "UPDATE inventory_items SET available = available + ?, reserved = reserved + ? "
            "WHERE product_id = ? AND available + ? >= 0",
            stock.available_change(),
            stock.reserved_change(),
            product,
            stock.available_change()
        });
#endif
        if (!changed) return fail(std::move(changed).error());
        if (*changed != 1) return fail(ErrorKind::Unavailable, "stock of a locked product changed meanwhile");
    }
    return {};
}

Result<void> add_item(mysql::Session& session, const Item& item) {
    return session
        .execute(mysql::Sql{
            "INSERT INTO inventory_items (product_id, available, name, price, currency, low_mark, revision) "
            "VALUES (?,?,?,?,?,?,?)",
            item.product_id,
            item.available,
            or_null(item.name),
            item.price,
            item.currency,
            item.low_mark,
            item.revision
        })
        .transform([](std::uint64_t) {});
}

Result<void> update_item(mysql::Session& session, const Item& was, const Item& item) {
    auto changed = session.execute(mysql::Sql{
        "UPDATE inventory_items SET available = available + ?, name = ?, price = ?, currency = ?, low_mark = ?, "
        "revision = ? WHERE product_id = ? AND revision = ?",
        item.available - was.available,
        or_null(item.name),
        item.price,
        item.currency,
        item.low_mark,
        item.revision,
        item.product_id,
        was.revision
    });
    if (!changed) return fail(std::move(changed).error());
    if (*changed != 1) return fail(ErrorKind::Unavailable, "a locked product changed meanwhile");
    return {};
}

Result<void> save_ledger(mysql::Session& session, std::span<const LedgerEntry> entries) {
    const auto rows = ledger_rows(entries);
    if (rows.empty()) return {};
    mysql::Sql sql{"INSERT INTO stock_movements (product_id, order_id, delta, movement, orders, reason) VALUES "};
    std::string_view separator;
    for (const auto& row : rows) {
        sql.add(separator).add(
            "(?,?,?,?,?,?)",
            row.product_id,
            row.order_id,
            row.delta,
            to_string(row.movement),
            row.orders,
            or_null(row.reason)
        );
        separator = ",";
    }
    return session.execute(sql).transform([](std::uint64_t) {});
}

}  // namespace platform::inventory
