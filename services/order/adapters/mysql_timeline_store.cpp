#include "services/order/adapters/mysql_timeline_store.hpp"

#include "services/order/adapters/timeline_json.hpp"
#include "shared/mysql/session.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

/// Orders of one transaction at most: bounds locks and statements, whose largest size each connection keeps as its buffer.
constexpr std::size_t kOrdersPerTransaction = 64;

using Steps = std::map<OrderId, std::vector<const TimelineStep*>>;  // sorted, as locks are taken
using StepsRange = std::pair<Steps::const_iterator, Steps::const_iterator>;

Result<std::map<OrderId, Timeline>> read(mysql::Session& session, StepsRange wanted) {
    mysql::Sql sql{"SELECT order_id, steps FROM order_timeline WHERE order_id IN ("};
    std::string_view separator = "?";
    for (auto at = wanted.first; at != wanted.second; ++at) {
        sql.add(separator, at->first);
        separator = ",?";
    }
    auto rows = session.query(sql.add(") ORDER BY order_id FOR UPDATE"));
    if (!rows) return fail(std::move(rows).error());
    std::map<OrderId, Timeline> timelines;
    for (const auto& row : *rows) {
        auto timeline = decode_timeline(row.text(1));
        if (!timeline) return fail(std::move(timeline).error());
        timelines.emplace(OrderId{row.uuid(0)}, *std::move(timeline));
    }
    return timelines;
}

/// Rows that are there are replaced; `fresh` ones must not be there, or another process has just written them.
Result<void> write(mysql::Session& session, const std::map<OrderId, Timeline>& timelines, bool fresh) {
    if (timelines.empty()) return {};
    mysql::Sql sql{"INSERT INTO order_timeline (order_id, steps, recorded_at) VALUES "};
    std::string_view separator = "(?,?,NOW(6))";
    for (const auto& [id, timeline] : timelines) {
        sql.add(separator, id, encode_timeline(timeline));
        separator = ",(?,?,NOW(6))";
    }
    if (!fresh) sql.add(" AS new ON DUPLICATE KEY UPDATE steps = new.steps");
    auto done = session.execute(sql);
    if (done) return {};
    if (done.error().kind == ErrorKind::Conflict)
        return fail(ErrorKind::Unavailable, "another process writes the same timelines");
    return fail(std::move(done).error());
}

Result<void> merge(mysql::Session& session, StepsRange news) {
    auto transaction = mysql::Transaction::begin(session);
    if (!transaction) return fail(std::move(transaction).error());
    auto known = read(session, news);
    if (!known) return fail(std::move(known).error());
    std::map<OrderId, Timeline> fresh;
    std::map<OrderId, Timeline> changed;
    for (auto at = news.first; at != news.second; ++at) {
        const auto found = known->find(at->first);
        const bool is_known = found != known->end();
        Timeline timeline = is_known ? std::move(found->second) : Timeline{};
        bool any = false;
        for (const TimelineStep* step : at->second) any = add_step(timeline, *step) || any;
        if (any) (is_known ? changed : fresh).emplace(at->first, std::move(timeline));
    }
    return write(session, fresh, true)
        .and_then([&] { return write(session, changed, false); })
        .and_then([&] { return transaction->commit(); });
}

}  // namespace

Result<void> MysqlTimelineStore::add(std::span<const TimelineEntry> entries) {
    if (entries.empty()) return {};
    Steps steps;
    for (const TimelineEntry& entry : entries) steps[entry.order_id].push_back(&entry.step);
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    for (auto begin = steps.cbegin(); begin != steps.cend();) {
        auto end = begin;
        for (std::size_t i = 0; i < kOrdersPerTransaction && end != steps.cend(); ++i) ++end;
        if (auto done = merge(**lease, {begin, end}); !done) return done;
        begin = end;
    }
    return {};
}

Result<Timeline> MysqlTimelineStore::find(const OrderId& id) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto rows = (*lease)->query(mysql::Sql{"SELECT steps FROM order_timeline WHERE order_id = ?", id});
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return Timeline{};
    return decode_timeline(rows->front().text(0));
}

Result<std::uint64_t> MysqlTimelineStore::purge(Duration retention, std::size_t limit) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(retention).count();
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    return (*lease)->execute(mysql::Sql{
        "DELETE FROM order_timeline WHERE recorded_at < NOW(6) - INTERVAL ? MICROSECOND ORDER BY recorded_at LIMIT ?",
        micros,
        limit
    });
}

}  // namespace platform::order
