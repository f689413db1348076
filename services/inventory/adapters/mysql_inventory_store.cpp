#include "services/inventory/adapters/mysql_inventory_store.hpp"

#include "services/inventory/adapters/reservation_rows.hpp"
#include "services/inventory/adapters/stock_rows.hpp"
#include "shared/outbox/inbox.hpp"

#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace platform::inventory {
namespace {

/// The events that have not been handled yet, in their order.
Result<std::vector<const events::Event*>> admitted(
    mysql::Session& session, std::string_view group, std::span<const events::Event> batch
) {
    std::vector<std::optional<EventId>> ids;
    for (const auto& event : batch) ids.push_back(is_answered(event.payload) ? std::optional(event.metadata.event_id) : std::nullopt);
    auto positions = outbox::admit_positions(session, group, ids);
    if (!positions) return fail(std::move(positions).error());
    std::vector<const events::Event*> admitted_events;
    for (const std::size_t position : *positions) admitted_events.push_back(&batch[position]);
    return admitted_events;
}

std::set<OrderId> orders_of(const std::vector<const events::Event*>& events) {
    std::set<OrderId> orders;
    for (const auto* event : events) orders.insert(event->order_id);
    return orders;
}

std::set<std::string>
products_to_lock(const std::vector<const events::Event*>& events, const Reservations& reservations) {
    std::set<std::string> products;
    for (const auto* event : events) {
        for (auto& product : products_of(*event, reservations.at(event->order_id))) products.insert(std::move(product));
        // A cancel in the batch of its own create needs the created products as well.
        for (auto& product : products_of(*event, std::nullopt)) products.insert(std::move(product));
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
    auto reservations = lock_reservations(session, orders_of(*events));
    if (!reservations) return fail(std::move(reservations).error());
    auto stocks = lock_stock(session, products_to_lock(*events, *reservations));
    if (!stocks) return fail(std::move(stocks).error());

    std::map<OrderId, std::optional<State>> before;
    for (const auto& [order, reservation] : *reservations) {
        before[order] = reservation ? std::optional(reservation->state) : std::nullopt;
    }
    std::vector<LedgerEntry> ledger;
    std::vector<outbox::OutboxRow> rows;
    for (const auto* event : *events) {
        auto& reservation = reservations->at(event->order_id);
        auto effects = change(*event, reservation, *stocks);
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
    mysql::Sql sql{"SELECT "};
    sql.add(kItemColumns).add(" FROM inventory_items WHERE product_id = ?", product_id);
    auto rows = (*lease)->query(sql);
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Item>{};
    return std::optional(read_item(rows->front()));
}

Result<std::vector<Item>> MysqlInventoryStore::list(const std::string& after, std::size_t limit) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    mysql::Sql sql{"SELECT "};
    sql.add(kItemColumns).add(" FROM inventory_items WHERE product_id > ? ORDER BY product_id LIMIT ?", after, limit);
    auto rows = (*lease)->query(sql);
    if (!rows) return fail(std::move(rows).error());
    std::vector<Item> items;
    for (const auto& row : *rows) items.push_back(read_item(row));
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
        if (auto added = add_item(session, item); !added) {
            if (added.error().kind == ErrorKind::Conflict) continue;
            return added;
        }
        const std::array first{LedgerEntry{
            .product_id = item.product_id, .order_id = {}, .delta = item.available, .movement = Movement::Initial
        }};
        if (auto noted = save_ledger(session, first); !noted) return noted;
        if (auto committed = transaction->commit(); !committed) return committed;
    }
    return {};
}

}  // namespace platform::inventory
