#include "services/notification/adapters/mysql_message_store.hpp"

#include "services/notification/adapters/message_rows.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace platform::notification {
namespace {

/// Those that are new, each one once. Two members of the group may both think so; the key of the rows decides.
Result<std::vector<Message>> not_told_yet(mysql::Session& session, std::span<const Message> messages) {
    auto told = told_steps(session, messages);
    if (!told) return fail(std::move(told).error());
    std::vector<Message> fresh;
    std::set<std::pair<Step, std::string>> seen;
    for (const auto& message : messages) {
        if (told->contains(step_of(message))) continue;
        if (seen.emplace(step_of(message), message.channel).second) fresh.push_back(message);
    }
    return fresh;
}

std::vector<Message> those_that_leave(Way way, std::span<const Message> messages) {
    std::vector<Message> chosen;
    std::ranges::copy_if(messages, std::back_inserter(chosen), [&](const Message& message) { return way_of(message.channel) == way; });
    return chosen;
}

}  // namespace

MysqlMessageStore::MysqlMessageStore(Options options, mysql::Pool& pool, outbox::Relay& relay)
    : options_(std::move(options)), pool_(pool), relay_(relay), owner_(relay.claim().owner) {}

std::vector<outbox::OutboxRow> MysqlMessageStore::rows_of(std::span<const events::Event> events) const {
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : events) rows.push_back(outbox::to_row(event, options_.topic));
    outbox::bundle(rows);
    return rows;
}

Result<std::vector<Message>> MysqlMessageStore::add(std::span<const Message> wanted, Duration lease, const Deliver& deliver) {
    if (wanted.empty()) return std::vector<Message>{};
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto messages = not_told_yet(transaction->session(), wanted);
    if (!messages) return messages;
    if (auto stored = insert_messages(transaction->session(), *messages, owner_, lease); !stored) {
        return fail(std::move(stored).error());
    }
    std::vector<outbox::OutboxRow> rows;
    if (const auto now = those_that_leave(Way::WithCommit, *messages); !now.empty()) rows = rows_of(deliver(now));
    auto committed = outbox::insert(transaction->session(), rows, relay_.claim()).and_then([&] { return transaction->commit(); });
    if (!committed) return fail(std::move(committed).error());
    relay_.hand_over(std::move(rows));
    return those_that_leave(Way::Queued, *messages);
}

Result<void> MysqlMessageStore::settle(const Outcome& outcome) {
    if (outcome.sent.empty() && outcome.given_up.empty() && outcome.postponed.empty()) return {};
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto rows = rows_of(outcome.told);
    auto committed = write_outcome(transaction->session(), outcome)
                         .and_then([&] { return outbox::insert(transaction->session(), rows, relay_.claim()); })
                         .and_then([&] { return transaction->commit(); });
    if (!committed) return committed;
    relay_.hand_over(std::move(rows));
    return {};
}

Result<std::vector<Message>> MysqlMessageStore::take_due(std::size_t limit, Duration lease) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    // By the index: a scan of the table, which MySQL prefers where most are due, would lock all of them and leave nothing to the next sender.
    auto rows = transaction->session().query(mysql::Sql{
        "SELECT " + std::string(kMessageColumns) +
            " FROM notifications FORCE INDEX (due) WHERE next_attempt_at <= NOW(6) ORDER BY next_attempt_at LIMIT ? FOR UPDATE SKIP LOCKED",
        limit
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Message> due;
    for (const auto& row : *rows) due.push_back(read_message(row));
    if (due.empty()) return due;
    mysql::Sql hold{
        "UPDATE notifications SET owner = ?, next_attempt_at = NOW(6) + INTERVAL ? MICROSECOND WHERE (order_id, kind, channel) IN ",
        owner_, micros(lease)
    };
    add_keys(hold, due);
    if (auto held = transaction->session().execute(hold); !held) return fail(std::move(held).error());
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return due;
}

Result<void> MysqlMessageStore::release_predecessors() {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    const std::string instance = owner_.substr(0, owner_.rfind(':') + 1);
    return (*session)
        ->execute(mysql::Sql{
            "UPDATE notifications SET next_attempt_at = NOW(6), owner = NULL "
            "WHERE next_attempt_at > NOW(6) AND LEFT(owner, ?) = ? AND owner <> ?",
            instance.size(), instance, owner_
        })
        .transform([](std::uint64_t) {});
}

Result<void> MysqlMessageStore::release() {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    return (*session)
        ->execute(mysql::Sql{
            "UPDATE notifications SET next_attempt_at = NOW(6), owner = NULL WHERE next_attempt_at > NOW(6) AND owner = ?", owner_
        })
        .transform([](std::uint64_t) {});
}

Result<std::vector<Stored>> MysqlMessageStore::find(const OrderId& order) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto rows = (*session)->query(mysql::Sql{
        "SELECT " + std::string(kMessageColumns) + ", state FROM notifications WHERE order_id = ? ORDER BY created_at", order
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Stored> found;
    for (const auto& row : *rows) found.push_back({.message = read_message(row), .state = row.text(10)});
    return found;
}

Result<std::map<OrderId, std::string>> MysqlMessageStore::users_of(std::span<const OrderId> orders) {
    std::map<OrderId, std::string> users;
    if (orders.empty()) return users;
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    mysql::Sql sql{"SELECT order_id, user_id FROM notifications WHERE user_id IS NOT NULL AND order_id IN ("};
    for (std::size_t i = 0; i < orders.size(); ++i) sql.add(i == 0 ? "?" : ",?", orders[i]);
    sql.add(")");
    auto rows = (*session)->query(sql);
    if (!rows) return fail(std::move(rows).error());
    for (const auto& row : *rows) users.emplace(OrderId{row.uuid(0)}, row.text(1));
    return users;
}

}  // namespace platform::notification
