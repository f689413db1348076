#include "services/order/adapters/order_rows.hpp"

#include "services/order/adapters/order_items.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

namespace platform::order {
namespace {

constexpr std::string_view kColumns =
    "id, user_id, product_id, quantity, price, amount, currency, correlation_id, payment_leg, inventory_leg, "
    "failure_code, failure_reason, status, saga_state, version, created_at, sent_at, payment_at, "
    "inventory_at, "
    "decided_at, payment_undone_at, inventory_undone_at, closed_at, items";

template <class T>
T known(std::optional<T> value, const char* column) {
    if (!value) throw std::runtime_error(std::string("orders.") + column + " holds an unknown word");
    return *value;
}

std::optional<WallTime> optional_time(const mysql::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return row.time(column);
}

void append_rows(mysql::Sql& sql, std::span<const Announced> orders, Duration first_look) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(first_look).count();
    std::string_view separator = "(?,?,?,?,?,?,?,?,";
    for (const auto& [order, outbox_row] : orders) {
        const Content& content = order->content;
        const Saga& saga = order->saga;
        const Times& times = order->times;
        std::optional<std::string_view> code;
        std::optional<std::string_view> reason;
        if (saga.failure) {
            code = events::code_name(saga.failure->code);
            reason = saga.failure->reason;
        }
        const SagaState state = order->state();
        sql.add(
            separator,
            order->id,
            content.user_id,
            content.product_id,
            content.quantity,
            content.price,
            content.amount,
            content.currency,
            order->correlation_id
        );
        sql.add(
            "?,?,?,?,?,?,?,",
            to_string(saga.payment),
            to_string(saga.inventory),
            code,
            reason,
            to_string(status_of(state)),
            to_string(state),
            order->version
        );
        sql.add(
            "?,?,?,?,?,?,?,?,?,NOW(6),NOW(6) + INTERVAL ? MICROSECOND,",
            times.created,
            times.sent,
            times.payment,
            times.inventory,
            times.decided,
            times.payment_undone,
            times.inventory_undone,
            times.closed,
            encode_items(content.items),
            micros
        );
        sql.add("?)", outbox_row);
        separator = ",(?,?,?,?,?,?,?,?,";
    }
}

mysql::Sql insert_front() {
    return mysql::Sql{"INSERT INTO orders (" + std::string(kColumns) + ", updated_at, next_look_at, announced_by) VALUES "};
}

}  // namespace

std::string_view order_columns() {
    return kColumns;
}

Order read_order_row(const mysql::Row& row) {
    Order order;
    order.id = OrderId{row.uuid(0)};
    order.content.user_id = row.text(1);
    order.content.product_id = row.text(2);
    order.content.quantity = static_cast<std::int32_t>(row.integer(3));
    order.content.price = row.money(4);
    order.content.amount = row.money(5);
    order.content.currency = row.text(6);
    order.correlation_id = row.text(7);
    order.saga.payment = known(parse_payment_leg(row.text(8)), "payment_leg");
    order.saga.inventory = known(parse_inventory_leg(row.text(9)), "inventory_leg");
    if (!row.is_null(10)) {
        order.saga.failure = Failure{
            .code = known(events::parse_code(row.text(10)), "failure_code"),
            .reason = row.is_null(11) ? std::string{} : row.text(11)
        };
    }
    order.version = row.integer(14);
    order.times.created = row.time(15);
    order.times.sent = optional_time(row, 16);
    order.times.payment = optional_time(row, 17);
    order.times.inventory = optional_time(row, 18);
    order.times.decided = optional_time(row, 19);
    order.times.payment_undone = optional_time(row, 20);
    order.times.inventory_undone = optional_time(row, 21);
    order.times.closed = optional_time(row, 22);
    if (!row.is_null(23)) order.content.items = decode_items(row.text(23));
    return order;
}

mysql::Sql insert_orders(std::span<const Announced> orders, Duration first_look) {
    mysql::Sql sql = insert_front();
    append_rows(sql, orders, first_look);
    return sql;
}

mysql::Sql update_orders(std::span<const Order* const> orders) {
    mysql::Sql sql = insert_front();
    std::vector<Announced> rows;
    rows.reserve(orders.size());
    for (const Order* order : orders) rows.push_back({.order = order, .outbox_row = {}});  // not replaced
    append_rows(sql, rows, Duration::zero());
    sql.add(
        " AS new ON DUPLICATE KEY UPDATE payment_leg = new.payment_leg, inventory_leg = new.inventory_leg, "
        "failure_code = new.failure_code, failure_reason = new.failure_reason, status = new.status, "
        "saga_state = new.saga_state, version = new.version, sent_at = new.sent_at, payment_at = "
        "new.payment_at, "
        "inventory_at = new.inventory_at, decided_at = new.decided_at, payment_undone_at = "
        "new.payment_undone_at, "
        "inventory_undone_at = new.inventory_undone_at, closed_at = new.closed_at, updated_at = "
        "new.updated_at, "
        "next_look_at = IF(new.closed_at IS NULL, orders.next_look_at, NULL)"
    );
    return sql;
}

mysql::Sql select_page(const OrderStore::Query& query) {
    // Open orders are few and have an index of their own, the sweeper's; the states themselves have none, since it
    // would have to be written with every change of every order.
    const bool open = (query.status && *query.status == Status::Created) ||
                      (query.saga_state && !terminal(*query.saga_state));
    const bool by_due = open && !query.user_id;
    mysql::Sql sql{"SELECT /*+ MAX_EXECUTION_TIME(3000) */ "};
    sql.add(kColumns).add(by_due ? " FROM orders FORCE INDEX (due) WHERE TRUE" : " FROM orders WHERE TRUE");
    if (open) sql.add(" AND next_look_at IS NOT NULL");
    if (query.status) sql.add(" AND status = ?", to_string(*query.status));
    if (query.saga_state) sql.add(" AND saga_state = ?", to_string(*query.saga_state));
    if (query.user_id) sql.add(" AND user_id = ?", *query.user_id);
    if (query.product_id) {
        sql.add(" AND (product_id = ? OR LOCATE(?, items) > 0)", *query.product_id, product_mark(*query.product_id));
    }
    if (query.from) sql.add(" AND created_at >= ?", *query.from);
    if (query.to) sql.add(" AND created_at < ?", *query.to);
    if (query.after) {
        // Said twice because MySQL does not look up a pair of columns by an index.
        sql.add(" AND created_at <= ?", query.after->created);
        sql.add(" AND (created_at < ? OR id < ?)", query.after->created, query.after->id);
    }
    sql.add(" ORDER BY created_at DESC, id DESC LIMIT ?", query.limit);
    return sql;
}

mysql::Sql with_ids(std::string_view front, std::span<const OrderId> ids, std::string_view back) {
    mysql::Sql sql{front};
    std::string_view separator = " (?";
    for (const OrderId& id : ids) {
        sql.add(separator, id);
        separator = ",?";
    }
    sql.add(")");
    sql.add(back);
    return sql;
}

}  // namespace platform::order
