#include "services/inventory/adapters/mysql_inventory_store.hpp"

#include "shared/core/check.hpp"
#include "shared/outbox/inbox.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace platform::inventory {
namespace {

using Reservations = std::map<OrderId, std::optional<Reservation>>;
using Stocks = std::map<std::string, Stock>;

template <class Keys>
mysql::Sql in_list(std::string_view front, const Keys& keys, std::string_view back) {
    mysql::Sql sql{front};
    bool first = true;
    for (const auto& key : keys) {
        sql.add(first ? "?" : ",?", key);
        first = false;
    }
    sql.add(back);
    return sql;
}

Reservation read_reservation(const mysql::Row& row) {
    Reservation reservation;
    reservation.order_id = OrderId{row.uuid(0)};
    const auto state = parse_state(row.text(1));
    CHECK(state.has_value(), "reservations.state is written by this program only");
    reservation.state = *state;
    reservation.product_id = row.text(2);
    reservation.quantity = static_cast<std::int32_t>(row.integer(3));
    if (!row.is_null(4)) reservation.failure_code = events::parse_code(row.text(4));
    reservation.correlation_id = row.text(5);
    return reservation;
}

Result<Reservations> lock_reservations(mysql::Session& session, const std::vector<const events::Event*>& events) {
    Reservations reservations;
    std::set<OrderId> orders;
    for (const auto* event : events) orders.insert(event->order_id);
    auto rows = session.query(in_list(
        "SELECT order_id, state, product_id, quantity, failure_code, correlation_id FROM reservations "
        "WHERE order_id IN (",
        orders,
        ") ORDER BY order_id FOR UPDATE"
    ));
    if (!rows) return fail(std::move(rows).error());
    for (const auto& order : orders) reservations[order] = std::nullopt;
    for (const auto& row : *rows) {
        auto reservation = read_reservation(row);
        reservations[reservation.order_id] = std::move(reservation);
    }
    return reservations;
}

Result<Stocks> lock_stock(mysql::Session& session, const std::set<std::string>& products) {
    Stocks stocks;
    if (products.empty()) return stocks;
#ifdef PLATFORM_MUTANT_READ_MODIFY_WRITE_STOCK
    constexpr std::string_view kTail = ") ORDER BY product_id";
#else
    constexpr std::string_view kTail = ") ORDER BY product_id FOR UPDATE";
#endif
    auto rows =
        session.query(in_list("SELECT product_id, available FROM inventory_items WHERE product_id IN (", products, kTail));
    if (!rows) return fail(std::move(rows).error());
    for (const auto& product : products) stocks[product] = Stock{};
    for (const auto& row : *rows) stocks[row.text(0)] = Stock{row.integer(1)};
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

mysql::Sql insert_statement(const std::vector<const Reservation*>& reservations) {
    mysql::Sql sql{
        "INSERT INTO reservations (order_id, state, product_id, quantity, failure_code, correlation_id) VALUES "
    };
    for (std::size_t i = 0; i < reservations.size(); ++i) {
        const Reservation& reservation = *reservations[i];
        std::optional<std::string_view> code;
        if (reservation.failure_code) code = events::code_name(*reservation.failure_code);
        sql.add(
            i == 0 ? "(?,?,?,?,?,?)" : ",(?,?,?,?,?,?)", reservation.order_id, to_string(reservation.state),
            reservation.product_id, reservation.quantity, code, reservation.correlation_id
        );
    }
    return sql;
}

/// Reservations that nobody had when this transaction looked. No lock holds what is not there, so another member of the group may have been faster
/// (a partition that moved); its reservation must not be written over, or its stock is lost.
Result<void> add_reservations(mysql::Session& session, const std::vector<const Reservation*>& made) {
    if (made.empty()) return {};
    auto done = session.execute(insert_statement(made));
    if (!done && done.error().kind == ErrorKind::Conflict) {
        return fail(ErrorKind::Unavailable, "another process made the same reservation meanwhile");
    }
    return done.transform([](std::uint64_t) {});
}

/// Reservations that are locked by this transaction; nothing but their state ever changes.
Result<void> update_reservations(mysql::Session& session, const std::vector<const Reservation*>& changed) {
    if (changed.empty()) return {};
    auto sql = insert_statement(changed);
    sql.add(" AS new ON DUPLICATE KEY UPDATE state = new.state");
    return session.execute(sql).transform([](std::uint64_t) {});
}

Result<void> save_ledger(mysql::Session& session, const std::vector<LedgerEntry>& ledger) {
    if (ledger.empty()) return {};
    mysql::Sql sql{"INSERT INTO stock_movements (product_id, order_id, delta, movement) VALUES "};
    for (std::size_t i = 0; i < ledger.size(); ++i) {
        const auto& entry = ledger[i];
        sql.add(
            i == 0 ? "(?,?,?,?)" : ",(?,?,?,?)", entry.product_id, entry.order_id, entry.delta, to_string(entry.movement)
        );
    }
    return session.execute(sql).transform([](std::uint64_t) {});
}

Result<std::vector<const events::Event*>> admitted(
    mysql::Session& session, std::string_view group, std::span<const events::Event> batch
) {
    std::vector<Uuid> ids;
    for (const auto& event : batch) ids.push_back(event.metadata.event_id.uuid);
    auto fresh = outbox::admit(session, group, ids);
    if (!fresh) return fail(std::move(fresh).error());
    std::vector<const events::Event*> admitted_events;
    for (const auto& event : batch) {
        const Uuid id = event.metadata.event_id.uuid;
        if (!fresh->contains(id)) continue;
        admitted_events.push_back(&event);
#ifndef PLATFORM_MUTANT_NO_INBOX
        fresh->erase(id);
#endif
    }
    return admitted_events;
}

std::set<std::string> products_of(const std::vector<const events::Event*>& events, const Reservations& reservations) {
    std::set<std::string> products;
    for (const auto* event : events) {
        if (auto product = product_of(*event, reservations.at(event->order_id)); !product.empty()) {
            products.insert(std::move(product));
        }
        // A cancel in the batch of its own create needs the created product as well.
        if (auto created = product_of(*event, std::nullopt); !created.empty()) products.insert(std::move(created));
    }
    return products;
}

}  // namespace

MysqlInventoryStore::MysqlInventoryStore(Options options, mysql::Pool& pool, outbox::Relay& relay)
    : options_(std::move(options)), pool_(pool), relay_(relay) {}

Result<void> MysqlInventoryStore::apply(std::span<const events::Event> batch, const Change& change) {
    if (batch.empty()) return {};
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return fail(std::move(transaction).error());
    mysql::Session& session = transaction->session();

    auto events = admitted(session, options_.group, batch);
    if (!events) return fail(std::move(events).error());
    if (events->empty()) return transaction->commit();
    auto reservations = lock_reservations(session, *events);
    if (!reservations) return fail(std::move(reservations).error());
    auto stocks = lock_stock(session, products_of(*events, *reservations));
    if (!stocks) return fail(std::move(stocks).error());

    std::map<OrderId, std::optional<State>> before;
    for (const auto& [order, reservation] : *reservations) {
        before[order] = reservation ? std::optional(reservation->state) : std::nullopt;
    }
    std::vector<LedgerEntry> ledger;
    std::vector<outbox::OutboxRow> rows;
    Stock nothing;
    for (const auto* event : *events) {
        auto& reservation = reservations->at(event->order_id);
        const auto product = product_of(*event, reservation);
        auto effects = change(*event, reservation, product.empty() ? nothing : stocks->at(product));
        for (const auto& answer : effects.answers) rows.push_back(outbox::to_row(answer, options_.topic));
        ledger.insert(ledger.end(), effects.ledger.begin(), effects.ledger.end());
    }
    outbox::bundle(rows);
    std::vector<const Reservation*> made;
    std::vector<const Reservation*> changed;
    for (const auto& [order, reservation] : *reservations) {
        const auto& old = before.at(order);
        if (!reservation || old == reservation->state) continue;
        (old ? changed : made).push_back(&*reservation);
    }
    auto saved = add_reservations(session, made)
                     .and_then([&] { return update_reservations(session, changed); })
                     .and_then([&] { return save_stock(session, *stocks); })
                     .and_then([&] { return save_ledger(session, ledger); })
                     .and_then([&] { return outbox::insert(session, rows, relay_.claim()); })
                     .and_then([&] { return transaction->commit(); });
    if (!saved) return saved;
    relay_.hand_over(std::move(rows));
    return {};
}

Result<std::optional<Item>> MysqlInventoryStore::find(const std::string& product_id) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto rows = (*lease)->query(
        mysql::Sql{"SELECT product_id, available, reserved FROM inventory_items WHERE product_id = ?", product_id}
    );
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Item>{};
    const auto& row = rows->front();
    return std::optional(Item{.product_id = row.text(0), .available = row.integer(1), .reserved = row.integer(2)});
}

Result<std::vector<Item>> MysqlInventoryStore::list(const std::string& after, std::size_t limit) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto rows = (*lease)->query(mysql::Sql{
        "SELECT product_id, available, reserved FROM inventory_items WHERE product_id > ? ORDER BY product_id LIMIT ?",
        after,
        limit
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Item> items;
    for (const auto& row : *rows) {
        items.push_back({.product_id = row.text(0), .available = row.integer(1), .reserved = row.integer(2)});
    }
    return items;
}

Result<void> MysqlInventoryStore::seed(std::span<const Item> items) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    return seed_items(**lease, items);
}

Result<void> seed_items(mysql::Session& session, std::span<const Item> items) {
    for (const auto& item : items) {
        auto transaction = mysql::Transaction::begin(session);
        if (!transaction) return fail(std::move(transaction).error());
        auto added = session.execute(mysql::Sql{
            "INSERT IGNORE INTO inventory_items (product_id, available) VALUES (?, ?)", item.product_id, item.available
        });
        if (!added) return fail(std::move(added).error());
        if (*added == 1) {
            const std::vector<LedgerEntry> first{
                {.product_id = item.product_id, .order_id = OrderId{}, .delta = item.available, .movement = Movement::Initial}
            };
            if (auto noted = save_ledger(session, first); !noted) return noted;
        }
        if (auto committed = transaction->commit(); !committed) return committed;
    }
    return {};
}

}  // namespace platform::inventory
