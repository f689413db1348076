#include "tests/simulation/inventory_database.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace platform::simulation {

using inventory::Item;
using inventory::LedgerEntry;
using inventory::Reservation;
using inventory::Stock;
using inventory::Stocks;

const Reservation* InventoryDatabase::find(const OrderId& order) const {
    const auto found = reservations_.find(order);
    return found == reservations_.end() ? nullptr : &found->second;
}

void InventoryDatabase::write(const Reservation& reservation) {
    const auto* old = find(reservation.order_id);
    checker().reservation_changed(old == nullptr ? std::nullopt : std::optional(*old), reservation);
    reservations_.insert_or_assign(reservation.order_id, reservation);
}

void InventoryDatabase::write(const Item& item) {
    items.insert_or_assign(item.product_id, item);
    checker().stock_changed(item);
}

void InventoryDatabase::write(std::span<const LedgerEntry> entries) {
    std::ranges::move(inventory::ledger_rows(entries), std::back_inserter(ledger));
}

void InventoryDatabase::seed(const Item& item) {
    if (!items.emplace(item.product_id, item).second) return;
    write(std::array{LedgerEntry{.product_id = item.product_id, .order_id = {}, .delta = item.available}});
    checker().stock_seeded(item);
}

std::int64_t InventoryDatabase::ledger_sum(const std::string& product) const {
    std::int64_t sum = 0;
    for (const auto& row : ledger) sum += row.product_id == product ? row.delta : 0;
    return sum;
}

void InventoryDatabase::check_ledger() {
    for (const auto& [product, item] : items) {
        if (ledger_sum(product) != item.available) checker().violate("the ledger does not tell the stock of " + product);
    }
}

Result<void> SimulatedInventoryStore::apply(std::span<const events::Event> batch, const Change& change) {
    if (batch.empty()) return {};
    if (auto begun = session_.begin(); !begun) return begun;
    std::set<Uuid> fresh;
    std::map<OrderId, std::optional<Reservation>> reservations;
    std::map<std::string, Item> items;
    std::vector<events::Event> told;
    std::vector<LedgerEntry> movements;
    for (const auto& event : batch) {
        if (inventory::is_answered(event.payload) && !database_.admits(event.metadata.event_id.uuid, fresh)) continue;
        auto [at, added] = reservations.try_emplace(event.order_id);
        if (const auto* row = added ? database_.find(event.order_id) : nullptr; row != nullptr) at->second = *row;
        Stocks stocks;
        for (const auto& product : products_of(event, at->second)) {
            if (const auto known = database_.items.find(product); known != database_.items.end()) items.insert(*known);
            if (const auto item = items.find(product); item != items.end()) {
                stocks[product] = Stock{item->second.available, item->second.low_mark};
            }
        }
        auto effects = change(event, at->second, stocks);
        for (const auto& [product, stock] : stocks) {
            items.at(product).available += stock.available_change();
            items.at(product).reserved += stock.reserved_change();
        }
        std::ranges::move(effects.answers, std::back_inserter(told));
        std::ranges::move(effects.ledger, std::back_inserter(movements));
    }
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : told) rows.push_back(outbox::to_row(event, ""));
    outbox::bundle(rows);
    auto done = session_.commit([&] {
        database_.handled(fresh);
        for (const auto& [order, reservation] : reservations) {
            const auto* old = database_.find(order);
            if (reservation && (old == nullptr || old->state != reservation->state)) database_.write(*reservation);
        }
        for (const auto& [product, item] : items) {
            if (item != database_.items.at(product)) database_.write(item);
        }
        database_.write(movements);
        for (const auto& event : told) database_.checker().event_stored(event);
        database_.insert(rows, relay_.claim());
    });
    if (done) relay_.hand_over(std::move(rows));
    return done;
}

Result<std::optional<Item>> SimulatedInventoryStore::find(const std::string& product_id) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    const auto found = database_.items.find(product_id);
    return found == database_.items.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<Item>> SimulatedInventoryStore::list(const std::string& after, std::size_t limit) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<Item> page;
    for (auto item = database_.items.upper_bound(after); item != database_.items.end() && page.size() < limit; ++item) {
        page.push_back(item->second);
    }
    return page;
}

Result<void> SimulatedInventoryStore::seed(std::span<const Item> items) {
    for (const Item& item : items) database_.seed(item);
    return {};
}

}  // namespace platform::simulation
