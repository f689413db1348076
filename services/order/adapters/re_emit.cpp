#include "services/order/adapters/re_emit.hpp"

#include "services/order/adapters/order_rows.hpp"
#include "shared/outbox/outbox.hpp"

#include <string>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

constexpr std::size_t kPage = 500;

bool within(const std::optional<WallTime>& time, const ReEmit::Window& window) {
    return time && *time >= window.from && *time < window.to;
}

mysql::Sql select_window(const ReEmit::Window& window, const std::optional<OrderId>& last) {
    mysql::Sql sql{"SELECT "};
    sql.add(order_columns()).add(" FROM orders WHERE ");
    sql.add("((created_at >= ? AND created_at < ?)", window.from, window.to);
    sql.add(" OR (decided_at >= ? AND decided_at < ?))", window.from, window.to);
    if (last) sql.add(" AND id > ?", *last);
    return sql.add(" ORDER BY id LIMIT ?", kPage);
}

}  // namespace

Result<bool> ReEmit::step() {
    auto transaction = mysql::Transaction::begin(session_);
    if (!transaction) return fail(std::move(transaction).error());
    auto found = session_.query(select_window(window_, last_));
    if (!found) return fail(std::move(found).error());
    if (found->empty()) return false;
    const auto next_id = [this] { return ids_.next(); };
    std::vector<outbox::OutboxRow> rows;
    std::optional<OrderId> last;
    for (const auto& row : *found) {
        const Order order = read_order_row(row);
        last = order.id;
        const bool created = within(order.times.created, window_);
        for (const auto& event : tell_again(order, created, within(order.times.decided, window_), next_id))
            rows.push_back(outbox::to_row(event, topics_.of(event.payload)));
    }
    outbox::bundle(rows);
    // A claim that has ended already: whoever sweeps next sends them.
    const outbox::Claim nobodys{.owner = "re-emit", .lease = Duration::zero()};
    if (auto done = outbox::insert(session_, rows, nobodys); !done) return fail(std::move(done).error());
    if (auto done = transaction->commit(); !done) return fail(std::move(done).error());
    last_ = last;
    events_ += rows.size();
    return true;
}

Result<bool> ReEmit::crowded() {
    constexpr std::int64_t kMany = 500;  // rows, of many records each
    auto rows = session_.query(
        mysql::Sql{"SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT ?) AS waiting", kMany}
    );
    if (!rows) return fail(std::move(rows).error());
    return rows->front().integer(0) >= kMany;
}

}  // namespace platform::order
