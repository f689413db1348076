#include "services/payment/adapters/mysql_payment_store.hpp"

#include "shared/core/check.hpp"
#include "shared/outbox/inbox.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

namespace platform::payment {
namespace {

using Payments = std::map<OrderId, std::optional<Payment>>;

/// The pause before a try grows with the tries, up to so many pauses.
constexpr int kLongestPauses = 30;

constexpr std::string_view kColumns =
    "order_id, payment_id, state, amount, price, currency, product_id, quantity, user_id, correlation_id, "
    "transaction_id, refund_id, failure_code, failure_reason, attempts";

Payment read_payment(const mysql::Row& row) {
    Payment payment;
    payment.order_id = OrderId{row.uuid(0)};
    payment.payment_id = PaymentId{row.uuid(1)};
    const auto state = parse_state(row.text(2));
    CHECK(state.has_value(), "payments.state is written by this program only");
    payment.state = *state;
    payment.amount = row.money(3);
    payment.price = row.money(4);
    payment.currency = row.text(5);
    payment.product_id = row.text(6);
    payment.quantity = static_cast<std::int32_t>(row.integer(7));
    payment.user_id = row.text(8);
    payment.correlation_id = row.text(9);
    payment.transaction_id = row.text(10);
    payment.refund_id = row.text(11);
    if (!row.is_null(12)) payment.failure_code = events::parse_code(row.text(12));
    payment.failure_reason = row.text(13);
    payment.attempts = static_cast<std::int32_t>(row.integer(14));
    return payment;
}

mysql::Sql in_list(std::string_view front, const std::vector<OrderId>& orders, std::string_view back) {
    mysql::Sql sql{front};
    for (std::size_t i = 0; i < orders.size(); ++i) sql.add(i == 0 ? "?" : ",?", orders[i]);
    sql.add(back);
    return sql;
}

/// Locks in the order of the primary key, so that two batches cannot wait for each other.
Result<Payments> lock(mysql::Session& session, const std::vector<OrderId>& orders) {
    Payments payments;
    if (orders.empty()) return payments;
    const std::string front = "SELECT " + std::string(kColumns) + " FROM payments WHERE order_id IN (";
    auto rows = session.query(in_list(front, orders, ") ORDER BY order_id FOR UPDATE"));
    if (!rows) return fail(std::move(rows).error());
    for (const auto& order : orders) payments[order] = std::nullopt;
    for (const auto& row : *rows) {
        auto payment = read_payment(row);
        payments[payment.order_id] = std::move(payment);
    }
    return payments;
}

/// When the sweeper looks at it next; no time when there is nothing to do.
std::optional<std::int64_t> next_look_micros(const Payment& payment, const MysqlPaymentStore::Options& options) {
    const auto micros = [](Duration pause) { return std::chrono::duration_cast<std::chrono::microseconds>(pause).count(); };
    if (open(payment.state)) return micros(options.retry_pause) * std::clamp(payment.attempts + 1, 1, kLongestPauses);
    if (payment.state == State::RefundFailed) return micros(options.failed_refund_pause);
    return std::nullopt;
}

mysql::Sql insert_statement(const std::vector<const Payment*>& payments, const MysqlPaymentStore::Options& options) {
    mysql::Sql sql{"INSERT INTO payments (" + std::string(kColumns) + ", next_attempt_at) VALUES "};
    for (std::size_t i = 0; i < payments.size(); ++i) {
        const Payment& payment = *payments[i];
        std::optional<std::string_view> code;
        if (payment.failure_code) code = events::code_name(*payment.failure_code);
        sql.add(
            i == 0 ? "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?," : ",(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,",
            payment.order_id, payment.payment_id, to_string(payment.state), payment.amount, payment.price,
            payment.currency, payment.product_id, payment.quantity, payment.user_id, payment.correlation_id,
            payment.transaction_id, payment.refund_id, code, payment.failure_reason, payment.attempts
        );
        if (const auto pause = next_look_micros(payment, options)) {
            sql.add("NOW(6) + INTERVAL ? MICROSECOND)", *pause);
        } else {
            sql.add("NULL)");
        }
    }
    return sql;
}

/// Payments that nobody had when this transaction looked. No lock holds what is not there, so another member of the group may have been faster
/// (a partition that moved); its payment must not be written over.
Result<void> add(
    mysql::Session& session, const std::vector<const Payment*>& made, const MysqlPaymentStore::Options& options
) {
    if (made.empty()) return {};
    auto done = session.execute(insert_statement(made, options));
    if (!done && done.error().kind == ErrorKind::Conflict) {
        return fail(ErrorKind::Unavailable, "another process made the same payment meanwhile");
    }
    return done.transform([](std::uint64_t) {});
}

/// Payments that are locked by this transaction.
Result<void> update(
    mysql::Session& session, const std::vector<const Payment*>& changed, const MysqlPaymentStore::Options& options
) {
    if (changed.empty()) return {};
    auto sql = insert_statement(changed, options);
    sql.add(
        " AS new ON DUPLICATE KEY UPDATE state = new.state, transaction_id = new.transaction_id, "
        "refund_id = new.refund_id, failure_code = new.failure_code, failure_reason = new.failure_reason, "
        "attempts = new.attempts, next_attempt_at = new.next_attempt_at"
    );
    return session.execute(sql).transform([](std::uint64_t) {});
}

std::vector<OrderId> orders_of(std::span<const Occasion> occasions) {
    std::set<OrderId> sorted;
    for (const auto& occasion : occasions) sorted.insert(occasion.order_id);
    return {sorted.begin(), sorted.end()};
}

}  // namespace

MysqlPaymentStore::MysqlPaymentStore(Options options, mysql::Pool& pool, outbox::Relay& relay)
    : options_(std::move(options)), pool_(pool), relay_(relay) {}

Result<void> MysqlPaymentStore::change(std::span<const Occasion> occasions, const Change& change) {
    if (occasions.empty()) return {};
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return fail(std::move(transaction).error());
    mysql::Session& session = transaction->session();

    const auto event_ids = std::ranges::to<std::vector>(occasions | std::views::transform(&Occasion::event_id));
    auto positions = outbox::admit_positions(session, options_.group, event_ids);
    if (!positions) return fail(std::move(positions).error());
    if (positions->empty()) return transaction->commit();
    auto payments = lock(session, orders_of(occasions));
    if (!payments) return fail(std::move(payments).error());
    const Payments before = *payments;

    std::vector<outbox::OutboxRow> rows;
    for (const std::size_t position : *positions) {
        for (const auto& event : change(position, payments->at(occasions[position].order_id))) {
            rows.push_back(outbox::to_row(event, options_.topic));
        }
    }
    outbox::bundle(rows);
    std::vector<const Payment*> made;
    std::vector<const Payment*> changed;
    for (const auto& [order, payment] : *payments) {
        const auto& old = before.at(order);
        if (!payment || payment == old) continue;
        (old ? changed : made).push_back(&*payment);
    }
    auto saved = add(session, made, options_)
                     .and_then([&] { return update(session, changed, options_); })
                     .and_then([&] { return outbox::insert(session, rows, relay_.claim()); })
                     .and_then([&] { return transaction->commit(); });
    if (!saved) return saved;
    relay_.hand_over(std::move(rows));
    return {};
}

Result<std::vector<Payment>> MysqlPaymentStore::take_due(std::size_t limit, Duration pause) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return fail(std::move(transaction).error());
    mysql::Session& session = transaction->session();
    // By the index: a scan of the table, which MySQL prefers where most are due, would lock all of them and leave nothing to the next sweeper.
    auto rows = session.query(mysql::Sql{
        "SELECT " + std::string(kColumns) +
            " FROM payments FORCE INDEX (due) WHERE next_attempt_at <= NOW(6) ORDER BY next_attempt_at LIMIT ? FOR UPDATE SKIP LOCKED",
        limit
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Payment> due;
    std::vector<OrderId> orders;
    for (const auto& row : *rows) {
        due.push_back(read_payment(row));
        due.back().attempts += 1;  // as the statement below has it
        orders.push_back(due.back().order_id);
    }
    if (due.empty()) return due;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(pause).count();
    mysql::Sql put_off{
        "UPDATE payments SET next_attempt_at = NOW(6) + INTERVAL ? * LEAST(attempts + 1, ?) MICROSECOND, "
        "attempts = attempts + 1 WHERE order_id IN (",
        micros,
        kLongestPauses
    };
    for (std::size_t i = 0; i < orders.size(); ++i) put_off.add(i == 0 ? "?" : ",?", orders[i]);
    put_off.add(")");
    if (auto done = session.execute(put_off); !done) return fail(std::move(done).error());
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return due;
}

Result<std::optional<Payment>> MysqlPaymentStore::find(const OrderId& order) {
    return find_by("order_id", order.uuid);
}

Result<std::optional<Payment>> MysqlPaymentStore::find(const PaymentId& payment) {
    return find_by("payment_id", payment.uuid);
}

Result<std::optional<Payment>> MysqlPaymentStore::find_by(std::string_view column, const Uuid& id) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    mysql::Sql sql{"SELECT " + std::string(kColumns) + " FROM payments WHERE " + std::string(column) + " = "};
    auto rows = (*lease)->query(sql.add("?", id));
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Payment>{};
    return std::optional(read_payment(rows->front()));
}

}  // namespace platform::payment
