#include "services/inventory/adapters/reservation_rows.hpp"

#include "shared/core/check.hpp"

#include <string_view>
#include <utility>

namespace platform::inventory {
namespace {

template <class Keys>
mysql::Sql in_list(mysql::Sql sql, const Keys& keys, std::string_view back) {
    std::string_view separator;
    for (const auto& key : keys) {
        sql.add(separator).add("?", key);
        separator = ",";
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

/// Lines never change once written, hence the lock on their reservation is enough.
Result<void> read_lines(mysql::Session& session, const std::set<OrderId>& orders, Reservations& into) {
    if (orders.empty()) return {};
    const mysql::Sql front{"SELECT order_id, product_id, quantity FROM reservation_lines WHERE order_id IN ("};
    auto rows = session.query(in_list(front, orders, ") ORDER BY order_id, product_id"));
    if (!rows) return fail(std::move(rows).error());
    for (const auto& row : *rows) {
        into.at(OrderId{row.uuid(0)})->lines.push_back({.product_id = row.text(1), .quantity = row.integer(2)});
    }
    return {};
}

Result<void> add_lines(mysql::Session& session, const std::vector<const Reservation*>& made) {
    mysql::Sql sql{"INSERT INTO reservation_lines (order_id, product_id, quantity) VALUES "};
    std::string_view separator;
    for (const auto* reservation : made) {
        for (const auto& line : reservation->lines) {
            sql.add(separator).add("(?,?,?)", reservation->order_id, line.product_id, line.quantity);
            separator = ",";
        }
    }
    if (separator.empty()) return {};
    return session.execute(sql).transform([](std::uint64_t) {});
}

}  // namespace

Result<Reservations> lock_reservations(mysql::Session& session, const std::set<OrderId>& orders) {
    Reservations reservations;
    if (orders.empty()) return reservations;
    const mysql::Sql front{
        "SELECT order_id, state, product_id, quantity, failure_code, correlation_id, line_count FROM reservations "
        "WHERE order_id IN ("
    };
    auto rows = session.query(in_list(front, orders, ") ORDER BY order_id FOR UPDATE"));
    if (!rows) return fail(std::move(rows).error());
    for (const auto& order : orders) reservations[order] = std::nullopt;
    std::set<OrderId> with_lines;
    for (const auto& row : *rows) {
        auto reservation = read_reservation(row);
        if (row.integer(6) > 0) with_lines.insert(reservation.order_id);
        reservations[reservation.order_id] = std::move(reservation);
    }
    if (auto read = read_lines(session, with_lines, reservations); !read) return fail(std::move(read).error());
    return reservations;
}

Result<void> add_reservations(mysql::Session& session, const std::vector<const Reservation*>& made) {
    if (made.empty()) return {};
    mysql::Sql sql{
        "INSERT INTO reservations (order_id, state, product_id, quantity, failure_code, correlation_id, line_count) VALUES "
    };
    std::string_view separator;
    for (const auto* reservation : made) {
        std::optional<std::string_view> code;
        if (reservation->failure_code) code = events::code_name(*reservation->failure_code);
        sql.add(separator).add(
            "(?,?,?,?,?,?,?)",
            reservation->order_id,
            to_string(reservation->state),
            reservation->product_id,
            reservation->quantity,
            code,
            reservation->correlation_id,
            reservation->lines.size()
        );
        separator = ",";
    }
    auto done = session.execute(sql);
    if (!done && done.error().kind == ErrorKind::Conflict) {
        return fail(ErrorKind::Unavailable, "another process made the same reservation meanwhile");
    }
    if (!done) return fail(std::move(done).error());
    return add_lines(session, made);
}

Result<void> update_reservations(mysql::Session& session, const std::vector<const Reservation*>& changed) {
    std::map<State, std::vector<OrderId>> by_state;
    for (const auto* reservation : changed) by_state[reservation->state].push_back(reservation->order_id);
    for (const auto& [state, orders] : by_state) {
        const mysql::Sql front{"UPDATE reservations SET state = ? WHERE order_id IN (", to_string(state)};
        if (auto done = session.execute(in_list(front, orders, ")")); !done) return fail(std::move(done).error());
    }
    return {};
}

}  // namespace platform::inventory
