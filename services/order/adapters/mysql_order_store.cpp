#include "services/order/adapters/mysql_order_store.hpp"

#include "services/order/adapters/order_rows.hpp"
#include "shared/core/crash_point.hpp"
#include "shared/outbox/inbox.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace platform::order {
namespace {

using Orders = std::map<OrderId, std::optional<Order>>;
using Keys = std::map<IdempotencyKey, OrderId>;

std::int64_t in_micros(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::string select_orders(std::string_view more = "", std::string_view hint = "") {
    return "SELECT " + std::string(order_columns()) + std::string(more) + " FROM orders " + std::string(hint) + " WHERE ";
}

template <class T>
auto error_of(Result<T>& result) {
    return fail(std::move(result).error());
}

Result<void> without_value(const Result<std::uint64_t>& result) {
    if (!result) return fail(result.error());
    return {};
}

Result<void> insert_keys(mysql::Session& session, std::span<const NewOrder> orders) {
    mysql::Sql sql{"INSERT INTO idempotency_keys (subject, idem_key, order_id) VALUES "};
    std::string_view separator = "(?,?,?)";
    for (const NewOrder& one : orders) {
        if (!one.key) continue;
        sql.add(separator, one.key->subject, one.key->text, one.order.id);
        separator = ",(?,?,?)";
    }
    return without_value(session.execute(sql));
}

Result<void> set_lock_wait(mysql::Session& session, Duration wait) {
    const auto seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
    return without_value(session.execute(mysql::Sql{"SET SESSION innodb_lock_wait_timeout = ?", seconds}));
}

Result<Keys> find_keys(mysql::Session& session, std::span<const NewOrder> orders) {
    Keys keys;
    mysql::Sql sql{"SELECT subject, idem_key, order_id FROM idempotency_keys WHERE (subject, idem_key) IN ("};
    std::string_view separator = "(?,?)";
    for (const NewOrder& one : orders) {
        if (!one.key) continue;
        sql.add(separator, one.key->subject, one.key->text);
        separator = ",(?,?)";
    }
    if (separator == "(?,?)") return keys;
    sql.add(")");
    auto rows = session.query(sql);
    if (!rows) return error_of(rows);
    for (const auto& row : *rows) {
        keys.emplace(IdempotencyKey{.subject = row.text(0), .text = row.text(1)}, OrderId{row.uuid(2)});
    }
    return keys;
}

Result<Orders> read_orders(mysql::Session& session, const std::vector<OrderId>& ids, std::string_view back) {
    Orders orders;
    for (const OrderId& id : ids) orders[id] = std::nullopt;
    if (ids.empty()) return orders;
    auto rows = session.query(with_ids(select_orders() + "id IN", ids, back));
    if (!rows) return error_of(rows);
    for (const auto& row : *rows) {
        Order order = read_order_row(row);
        const OrderId id = order.id;
        orders[id] = std::move(order);
    }
    return orders;
}

std::vector<OrderId>
sorted_ids(std::span<const Occasion> occasions, const std::vector<std::size_t>& positions) {
    std::set<OrderId> ids;
    for (const std::size_t position : positions) ids.insert(occasions[position].order_id);
    return {ids.begin(), ids.end()};
}

}  // namespace

MysqlOrderStore::MysqlOrderStore(Options options, mysql::Pool& pool, outbox::Relay& relay)
    : options_(std::move(options)), pool_(pool), relay_(relay) {}

outbox::OutboxRow MysqlOrderStore::row_of(const events::Event& event) const {
    return outbox::to_row(event, options_.topics.of(event.payload));
}

Result<void> MysqlOrderStore::insert(std::span<const NewOrder> orders) {
    if (orders.empty()) return {};
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    const bool keyed = std::ranges::any_of(orders, [](const NewOrder& one) { return one.key.has_value(); });
    if (!keyed) return insert_in(**lease, orders, false);

    // Two requests with one key meet at the key's row; the second one must not wait for longer than its
    // client is told.
    if (auto set = set_lock_wait(**lease, options_.key_wait); !set) return set;
    auto done = insert_in(**lease, orders, true);
    if (auto back = set_lock_wait(**lease, options_.lock_wait); !back && done)
        return {};  // the pool drops the session
    return done;
}

Result<void>
MysqlOrderStore::insert_in(mysql::Session& session, std::span<const NewOrder> orders, bool keyed) {
    std::vector<outbox::OutboxRow> rows;
    rows.reserve(orders.size());
    for (const NewOrder& one : orders) {
        events::Event created = created_event(one.order);
        created.metadata.traceparent = one.traceparent;
        rows.push_back(row_of(created));
    }
    outbox::bundle(rows);
    std::vector<Announced> stored;
    stored.reserve(orders.size());
    for (std::size_t i = 0; i < orders.size(); ++i) {
        stored.push_back({.order = &orders[i].order, .outbox_row = rows[i].key()});
    }
    auto transaction = mysql::Transaction::begin(session);
    if (!transaction) return error_of(transaction);
#ifdef PLATFORM_MUTANT_IDEMPOTENCY_KEY_NOT_STORED
    keyed = false;
#endif
    if (keyed) {
        if (auto keys = insert_keys(session, orders); !keys) return keys;
    }
    if (auto done = session.execute(insert_orders(stored, options_.first_look)); !done) return error_of(done);
    if (auto done = outbox::insert(session, rows, relay_.claim()); !done) return done;
    crash_point("order.before_commit");
    if (auto done = transaction->commit(); !done) return done;
    crash_point("order.after_commit");
    relay_.hand_over(std::move(rows));
    crash_point("order.after_hand_off");
    return {};
}

Result<std::vector<std::optional<Order>>> MysqlOrderStore::find_placed(std::span<const NewOrder> orders) {
    std::vector<std::optional<Order>> answers(orders.size());
    if (orders.empty()) return answers;
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto keys = find_keys(**lease, orders);
    if (!keys) return error_of(keys);

    std::vector<OrderId> wanted;
    for (const NewOrder& one : orders) {
        const auto key = one.key ? keys->find(*one.key) : keys->end();
        wanted.push_back(key == keys->end() ? one.order.id : key->second);
    }
    auto found = read_orders(**lease, wanted, "");
    if (!found) return error_of(found);
    for (std::size_t i = 0; i < orders.size(); ++i) answers[i] = found->at(wanted[i]);
    return answers;
}

Result<void> MysqlOrderStore::change(std::span<const Occasion> occasions, const Change& change) {
    if (occasions.empty()) return {};
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return error_of(transaction);
    mysql::Session& session = transaction->session();

    const auto event_ids = std::ranges::to<std::vector>(occasions | std::views::transform(&Occasion::event_id));
    auto positions = outbox::admit_positions(session, options_.group, event_ids);
    if (!positions) return error_of(positions);
    auto orders = read_orders(session, sorted_ids(occasions, *positions), " ORDER BY id FOR UPDATE");
    if (!orders) return error_of(orders);

    std::map<OrderId, std::int64_t> versions;
    for (const auto& [id, order] : *orders) versions[id] = order ? order->version : 0;
    std::vector<outbox::OutboxRow> rows;
    for (const std::size_t position : *positions) {
        for (const auto& event : change(position, orders->at(occasions[position].order_id)))
            rows.push_back(row_of(event));
    }
    std::vector<const Order*> changed;
    for (const auto& [id, order] : *orders) {
        if (order && order->version != versions[id]) changed.push_back(&*order);
    }
    if (!changed.empty()) {
        if (auto done = session.execute(update_orders(changed)); !done) return error_of(done);
    }
    if (!rows.empty()) {
        outbox::bundle(rows);
        if (auto done = outbox::insert(session, rows, relay_.claim()); !done) return done;
    }
    if (auto done = transaction->commit(); !done) return done;
    if (!rows.empty()) relay_.hand_over(std::move(rows));
    if (on_change_ && !changed.empty()) {
        std::vector<OrderId> ids;
        for (const Order* order : changed) ids.push_back(order->id);
        on_change_(ids);
    }
    return {};
}

Result<std::vector<Due>> MysqlOrderStore::take_due(std::size_t limit, Duration first_pause) {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return error_of(transaction);
    mysql::Session& session = transaction->session();
    // By the index: a scan of the table, which MySQL prefers where most are due, would lock all of them and leave nothing to the next sweeper.
    auto rows = session.query(mysql::Sql{
        select_orders(", NOW(6), TIMESTAMPDIFF(MICROSECOND, updated_at, NOW(6)), announced_by", "FORCE INDEX (due)") +
            "next_look_at <= NOW(6) ORDER BY next_look_at LIMIT ? FOR UPDATE SKIP LOCKED",
        limit
    });
    if (!rows) return error_of(rows);
    std::vector<Due> due;
    std::vector<OrderId> ids;
    std::vector<Uuid> outbox_rows;
    for (const auto& row : *rows) {
        due.push_back(
            {.order = read_order_row(row),
             .announced = true,
             .idle = std::chrono::microseconds(row.integer(kOrderColumns + 1)),
             .now = row.time(kOrderColumns)}
        );
        ids.push_back(due.back().order.id);
        outbox_rows.push_back(row.is_null(kOrderColumns + 2) ? due.back().order.id.uuid : row.uuid(kOrderColumns + 2));
    }
    if (due.empty()) return due;

    // The outbox row of ORDER_CREATED goes when the broker has acknowledged it; a record that failed when its neighbours did not
    // has a row of its own, by its own id, which is the order's.
    std::vector<OrderId> wanted = ids;
    for (const Uuid& row : outbox_rows) wanted.push_back(OrderId{row});
    auto waiting = session.query(with_ids("SELECT id FROM outbox WHERE id IN", wanted, ""));
    if (!waiting) return error_of(waiting);
    std::set<Uuid> unsent;
    for (const auto& row : *waiting) unsent.insert(row.uuid(0));
    for (std::size_t i = 0; i < due.size(); ++i) {
        due[i].announced = !unsent.contains(ids[i].uuid) && !unsent.contains(outbox_rows[i]);
    }

    mysql::Sql put_off{
        "UPDATE orders SET next_look_at = NOW(6) + INTERVAL ? * POW(2, LEAST(looks, 4)) MICROSECOND, looks = "
        "looks + 1 "
        "WHERE id IN",
        in_micros(first_pause)
    };
    put_off.add(with_ids("", ids, "").text());
    if (auto done = session.execute(put_off); !done) return error_of(done);
    if (auto done = transaction->commit(); !done) return error_of(done);
    return due;
}

Result<std::optional<Order>> MysqlOrderStore::find(const OrderId& id) {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto orders = read_orders(**lease, {id}, "");
    if (!orders) return error_of(orders);
    return std::move(orders->at(id));
}

Result<std::map<OrderId, Order>> MysqlOrderStore::find_all(std::span<const OrderId> ids) {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto orders = read_orders(**lease, {ids.begin(), ids.end()}, "");
    if (!orders) return error_of(orders);
    std::map<OrderId, Order> found;
    for (auto& [id, order] : *orders) {
        if (order) found.emplace(id, *std::move(order));
    }
    return found;
}

Result<std::vector<Order>> MysqlOrderStore::list(const Query& query) {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto rows = (*lease)->query(select_page(query));
    if (!rows) return error_of(rows);
    std::vector<Order> orders;
    orders.reserve(rows->size());
    for (const auto& row : *rows) orders.push_back(read_order_row(row));
    return orders;
}

Result<std::map<SagaState, OpenOrders>> MysqlOrderStore::count_open() {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    auto rows = (*lease)->query(
        mysql::Sql{"SELECT /*+ MAX_EXECUTION_TIME(2000) */ saga_state, COUNT(*), "
                   "TIMESTAMPDIFF(MICROSECOND, MIN(created_at), NOW(6)) FROM orders FORCE INDEX (due) "
                   "WHERE next_look_at IS NOT NULL GROUP BY saga_state"}
    );
    if (!rows) return error_of(rows);
    std::map<SagaState, OpenOrders> counts;
    for (const auto& row : *rows) {
        const auto state = parse_saga_state(row.text(0));
        if (!state) continue;
        const Duration oldest = std::chrono::microseconds(std::max<std::int64_t>(row.integer(2), 0));
        counts[*state] = {.count = row.integer(1), .oldest = oldest};
    }
    return counts;
}

Result<std::uint64_t> MysqlOrderStore::purge_keys(Duration retention, std::size_t limit) {
    auto lease = pool_.acquire();
    if (!lease) return error_of(lease);
    return (*lease)->execute(mysql::Sql{
        "DELETE FROM idempotency_keys WHERE created_at < NOW(6) - INTERVAL ? MICROSECOND ORDER BY created_at "
        "LIMIT ?",
        in_micros(retention),
        limit
    });
}

}  // namespace platform::order
