#include "tests/simulation/order_database.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace platform::simulation {

using order::NewOrder;
using order::Order;

const OrderDatabase::Row* OrderDatabase::find(const OrderId& id) const {
    const auto found = orders.find(id);
    return found == orders.end() ? nullptr : &found->second;
}

void OrderDatabase::insert_order(const NewOrder& one, const Uuid& announced_by, Instant first_look) {
    Row& row = orders[one.order.id];
    row = {.order = one.order, .announced_by = announced_by, .updated_at = now(), .next_look = std::nullopt, .looks = 0};
    look_at(one.order.id, row, first_look);
    if (one.key) keys.emplace(*one.key, one.order.id);
    checker().order_stored(one.order);
}

void OrderDatabase::update_order(const Order& order) {
    Row& row = orders.at(order.id);
    checker().order_changed(row.order, order);
    row.order = order;
    row.updated_at = now();
    if (order.times.closed) look_at(order.id, row, std::nullopt);
}

void OrderDatabase::look_at(const OrderId& id, Row& row, std::optional<Instant> when) {
    if (row.next_look) looks_.erase({*row.next_look, id});
    row.next_look = when;
    if (when) looks_.emplace(*when, id);
}

std::vector<OrderId> OrderDatabase::due(std::size_t limit) const {
    std::vector<OrderId> ids;
    for (auto look = looks_.begin(); look != looks_.end() && look->first <= now() && ids.size() < limit; ++look) {
        ids.push_back(look->second);
    }
    return ids;
}

void OrderDatabase::put_off(const OrderId& id, Duration first_pause) {
    Row& row = orders.at(id);
    look_at(id, row, now() + first_pause * (1 << std::min(row.looks, 4)));
    ++row.looks;
}

Result<void> SimulatedOrderStore::insert(std::span<const NewOrder> wanted) {
    if (wanted.empty()) return {};
    if (auto begun = session_.begin(); !begun) return begun;
    std::set<OrderId> ids;
    std::set<order::IdempotencyKey> keys;
    std::vector<outbox::OutboxRow> rows;
    for (const NewOrder& one : wanted) {
        const bool id_known = database_.find(one.order.id) != nullptr || !ids.insert(one.order.id).second;
        const bool key_known = one.key && (database_.keys.contains(*one.key) || !keys.insert(*one.key).second);
        if (id_known || key_known) return fail(ErrorKind::Conflict, "duplicate");
        rows.push_back(outbox::to_row(created_event(one.order), ""));
    }
    outbox::bundle(rows);
    auto done = session_.commit([&] {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            database_.insert_order(wanted[i], rows[i].key(), database_.now() + first_look_);
            database_.checker().event_stored(created_event(wanted[i].order));
        }
        database_.Database::insert(rows, relay_.claim());
    });
    if (done) relay_.hand_over(std::move(rows));
    return done;
}

Result<std::vector<std::optional<Order>>> SimulatedOrderStore::find_placed(std::span<const NewOrder> wanted) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<std::optional<Order>> found;
    for (const NewOrder& one : wanted) {
        OrderId id = one.order.id;
        if (one.key) {
            if (const auto key = database_.keys.find(*one.key); key != database_.keys.end()) id = key->second;
        }
        const auto* row = database_.find(id);
        found.push_back(row == nullptr ? std::nullopt : std::optional(row->order));
    }
    return found;
}

Result<void> SimulatedOrderStore::change(std::span<const order::Occasion> occasions, const Change& change) {
    if (occasions.empty()) return {};
    if (auto begun = session_.begin(); !begun) return begun;
    std::set<Uuid> fresh;
    std::map<OrderId, std::optional<Order>> orders;
    std::vector<events::Event> told;
    for (std::size_t i = 0; i < occasions.size(); ++i) {
        const auto& [id, event] = occasions[i];
        if (event && !database_.admits(event->uuid, fresh)) continue;
        auto [at, added] = orders.try_emplace(id);
        if (const auto* row = added ? database_.find(id) : nullptr; row != nullptr) at->second = row->order;
        std::ranges::move(change(i, at->second), std::back_inserter(told));
    }
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : told) rows.push_back(outbox::to_row(event, ""));
    outbox::bundle(rows);
    auto done = session_.commit([&] {
        database_.handled(fresh);
        for (const auto& [id, order] : orders) {
            if (order && order->version != database_.find(id)->order.version) database_.update_order(*order);
        }
        for (const auto& event : told) database_.checker().event_stored(event);
        database_.Database::insert(rows, relay_.claim());
    });
    if (done && !rows.empty()) relay_.hand_over(std::move(rows));
    return done;
}

Result<std::vector<order::Due>> SimulatedOrderStore::take_due(std::size_t limit, Duration first_pause) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<order::Due> due;
    auto done = session_.commit([&] {
        for (const OrderId& id : database_.due(limit)) {
            const auto& row = *database_.find(id);
            due.push_back(
                {.order = row.order,
                 .announced = !database_.has_outbox_row(id.uuid) && !database_.has_outbox_row(row.announced_by),
                 .idle = database_.now() - row.updated_at,
                 .now = database_.wall()}
            );
            database_.put_off(id, first_pause);
        }
    });
    if (!done) return fail(std::move(done).error());
    return due;
}

Result<std::optional<Order>> SimulatedOrderStore::find(const OrderId& id) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    const auto* row = database_.find(id);
    return row == nullptr ? std::nullopt : std::optional(row->order);
}

Result<std::vector<Order>> SimulatedOrderStore::list(const Query& query) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<Order> page;
    for (const auto& [id, row] : database_.orders) {
        if (order::matches(row.order, query)) page.push_back(row.order);
    }
    std::ranges::sort(page, std::greater<>{}, order::place_of);
    if (page.size() > query.limit) page.resize(query.limit);
    return page;
}

}  // namespace platform::simulation
