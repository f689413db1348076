#include "services/notification/adapters/mysql_message_store.hpp"

#include "shared/outbox/inbox.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace platform::notification {
namespace {

using Key = std::tuple<OrderId, std::string, std::string>;

constexpr std::string_view kColumns =
    "order_id, kind, channel, message_id, recipient, subject, body, correlation_id, attempts";

std::int64_t micros(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

Key key_of(const Message& message) {
    return {message.order_id, message.kind, message.channel};
}

Message read_message(const mysql::Row& row) {
    Message message;
    message.order_id = OrderId{row.uuid(0)};
    message.kind = row.text(1);
    message.channel = row.text(2);
    message.message_id = row.text(3);
    message.recipient = row.text(4);
    message.subject = row.text(5);
    message.body = row.text(6);
    message.correlation_id = row.text(7);
    message.attempts = static_cast<int>(row.integer(8));
    return message;
}

void add_keys(mysql::Sql& sql, std::span<const Message> messages) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
        sql.add(i == 0 ? "(?,?,?)" : ",(?,?,?)", messages[i].order_id, messages[i].kind, messages[i].channel);
    }
}

/// The requests whose event is new, each message once.
Result<std::vector<Message>> admitted(mysql::Session& session, std::string_view group, std::span<const Request> requests) {
    std::vector<Uuid> ids;
    for (const auto& request : requests) ids.push_back(request.event_id.uuid);
    auto fresh = outbox::admit(session, group, ids);
    if (!fresh) return fail(std::move(fresh).error());
    std::vector<Message> messages;
    std::set<Key> keys;
    for (const auto& request : requests) {
        if (!fresh->contains(request.event_id.uuid)) continue;
        if (keys.insert(key_of(request.message)).second) messages.push_back(request.message);
    }
    return messages;
}

/// Leaves only the messages that the table does not have yet: the second line behind the inbox.
Result<void> drop_known(mysql::Session& session, std::vector<Message>& messages) {
    if (messages.empty()) return {};
    mysql::Sql sql{"SELECT order_id, kind, channel FROM notifications WHERE (order_id, kind, channel) IN ("};
    add_keys(sql, messages);
    sql.add(")");
    auto rows = session.query(sql);
    if (!rows) return fail(std::move(rows).error());
    std::set<Key> known;
    for (const auto& row : *rows) known.emplace(OrderId{row.uuid(0)}, row.text(1), row.text(2));
    std::erase_if(messages, [&](const Message& message) { return known.contains(key_of(message)); });
    return {};
}

Result<void> insert(mysql::Session& session, std::span<const Message> messages, Duration lease) {
    if (messages.empty()) return {};
    mysql::Sql sql{"INSERT INTO notifications (" + std::string(kColumns) + ", state, next_attempt_at) VALUES "};
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Message& message = messages[i];
        sql.add(
            i == 0 ? "(?,?,?,?,?,?,?,?,?,'PENDING',NOW(6) + INTERVAL ? MICROSECOND)"
                   : ",(?,?,?,?,?,?,?,?,?,'PENDING',NOW(6) + INTERVAL ? MICROSECOND)",
            message.order_id, message.kind, message.channel, message.message_id, message.recipient, message.subject,
            message.body, message.correlation_id, message.attempts, micros(lease)
        );
    }
    auto done = session.execute(sql);
    if (!done && done.error().kind == ErrorKind::Conflict) {
        // Another member of the group was faster with the same message: the whole batch is looked at again.
        return fail(ErrorKind::Unavailable, "a notification was stored by another process meanwhile");
    }
    return done.transform([](std::uint64_t) {});
}

}  // namespace

MysqlMessageStore::MysqlMessageStore(Options options, mysql::Pool& pool, outbox::Relay& relay)
    : options_(std::move(options)), pool_(pool), relay_(relay) {}

Result<std::vector<Message>> MysqlMessageStore::add(std::span<const Request> requests, Duration lease) {
    if (requests.empty()) return std::vector<Message>{};
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto messages = admitted(transaction->session(), options_.group, requests);
    if (!messages) return messages;
    auto stored = drop_known(transaction->session(), *messages)
                      .and_then([&] { return insert(transaction->session(), *messages, lease); })
                      .and_then([&] { return transaction->commit(); });
    if (!stored) return fail(std::move(stored).error());
    return messages;
}

Result<void> MysqlMessageStore::execute_and_tell(const mysql::Sql& sql, std::span<const events::Event> events) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    if (auto done = transaction->session().execute(sql); !done) return fail(std::move(done).error());
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : events) rows.push_back(outbox::to_row(event, options_.topic));
    outbox::bundle(rows);
    if (auto stored = outbox::insert(transaction->session(), rows, relay_.claim()); !stored) return stored;
    if (auto committed = transaction->commit(); !committed) return committed;
    relay_.hand_over(std::move(rows));
    return {};
}

Result<void> MysqlMessageStore::sent(std::span<const Message> messages, std::span<const events::Event> events) {
    if (messages.empty()) return {};
    mysql::Sql sql{
        "UPDATE notifications SET state = 'SENT', sent_at = NOW(6), attempts = attempts + 1, next_attempt_at = NULL "
        "WHERE (order_id, kind, channel) IN ("
    };
    add_keys(sql, messages);
    sql.add(")");
    return execute_and_tell(sql, events);
}

Result<void> MysqlMessageStore::failed(
    const Message& message, Duration pause, bool give_up, std::span<const events::Event> events
) {
    mysql::Sql sql{"UPDATE notifications SET attempts = attempts + 1, "};
    if (give_up) {
        sql.add("state = 'FAILED', next_attempt_at = NULL");
    } else {
        sql.add("next_attempt_at = NOW(6) + INTERVAL ? MICROSECOND", micros(pause));
    }
    sql.add(" WHERE order_id = ? AND kind = ? AND channel = ?", message.order_id, message.kind, message.channel);
    return execute_and_tell(sql, events);
}

Result<std::vector<Message>> MysqlMessageStore::take_due(std::size_t limit, Duration lease) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto rows = transaction->session().query(mysql::Sql{
        "SELECT " + std::string(kColumns) +
            " FROM notifications WHERE next_attempt_at <= NOW(6) ORDER BY next_attempt_at LIMIT ? FOR UPDATE SKIP LOCKED",
        limit
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Message> due;
    for (const auto& row : *rows) due.push_back(read_message(row));
    if (due.empty()) return due;
    mysql::Sql hold{
        "UPDATE notifications SET next_attempt_at = NOW(6) + INTERVAL ? MICROSECOND "
        "WHERE (order_id, kind, channel) IN (",
        micros(lease)
    };
    add_keys(hold, due);
    hold.add(")");
    if (auto held = transaction->session().execute(hold); !held) return fail(std::move(held).error());
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return due;
}

Result<std::vector<Stored>> MysqlMessageStore::find(const OrderId& order) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto rows = (*session)->query(mysql::Sql{
        "SELECT " + std::string(kColumns) + ", state FROM notifications WHERE order_id = ? ORDER BY created_at", order
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<Stored> found;
    for (const auto& row : *rows) found.push_back({.message = read_message(row), .state = row.text(9)});
    return found;
}

}  // namespace platform::notification
