#include "services/notification/adapters/message_rows.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace platform::notification {
namespace {

std::string_view first_state(Way way) {
    switch (way) {
        case Way::Queued: return "PENDING";
        case Way::WithCommit: return "SENT";
        case Way::Never: return "SKIPPED";
    }
    return "PENDING";
}

Result<void> end(mysql::Session& session, std::string_view changes, std::span<const Message> messages) {
    if (messages.empty()) return {};
    mysql::Sql sql{"UPDATE notifications SET attempts = attempts + 1, next_attempt_at = NULL, owner = NULL, "};
    sql.add(changes).add(" WHERE (order_id, kind, channel) IN ");
    add_keys(sql, messages);
    return session.execute(sql).transform([](std::uint64_t) {});
}

/// Each row has a pause of its own, all in one statement.
Result<void> postpone(mysql::Session& session, std::span<const Outcome::Postponed> postponed) {
    if (postponed.empty()) return {};
    mysql::Sql sql{"UPDATE notifications n JOIN ("};
    std::string_view row = "SELECT ? AS order_id, ? AS kind, ? AS channel, ? AS pause";
    for (const auto& [message, pause] : postponed) {
        sql.add(row, message.order_id, message.kind, message.channel, micros(pause));
        row = " UNION ALL SELECT ?, ?, ?, ?";
    }
    sql.add(
        ") AS later ON n.order_id = later.order_id AND n.kind = later.kind AND n.channel = later.channel "
        "SET n.attempts = n.attempts + 1, n.owner = NULL, n.next_attempt_at = NOW(6) + INTERVAL later.pause MICROSECOND "
        "WHERE n.state = 'PENDING'"  // another process may have sent it after this one's hold ran out
    );
    return session.execute(sql).transform([](std::uint64_t) {});
}

}  // namespace

std::int64_t micros(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
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
    if (!row.is_null(9)) message.user_id = row.text(9);
    return message;
}

void add_keys(mysql::Sql& sql, std::span<const Message> messages) {
    std::string_view key = "((?,?,?)";
    for (const auto& message : messages) {
        sql.add(key, message.order_id, message.kind, message.channel);
        key = ",(?,?,?)";
    }
    sql.add(")");
}

Result<std::set<Step>> told_steps(mysql::Session& session, std::span<const Message> messages) {
    std::set<Step> steps;
    if (messages.empty()) return steps;
    mysql::Sql sql{"SELECT order_id, kind FROM notifications WHERE (order_id, kind) IN "};
    std::string_view key = "((?,?)";
    for (const auto& message : messages) {
        sql.add(key, message.order_id, message.kind);
        key = ",(?,?)";
    }
    sql.add(")");
    auto rows = session.query(sql);
    if (!rows) return fail(std::move(rows).error());
    for (const auto& row : *rows) steps.emplace(OrderId{row.uuid(0)}, row.text(1));
    return steps;
}

Result<void> insert_messages(
    mysql::Session& session, std::span<const Message> messages, const std::string& owner, Duration lease
) {
    if (messages.empty()) return {};
    mysql::Sql sql{
        "INSERT INTO notifications (" + std::string(kMessageColumns) + ", state, sent_at, owner, next_attempt_at) VALUES "
    };
    // In the order of the key, so that two members with the same messages wait for each other one way only.
    std::vector<const Message*> ordered;
    for (const auto& message : messages) ordered.push_back(&message);
    std::ranges::sort(ordered, {}, [](const Message* message) { return std::tie(message->order_id, message->kind, message->channel); });
    std::string_view separator;
    for (const Message* one : ordered) {
        const Message& message = *one;
        const Way way = way_of(message.channel);
        const bool queued = way == Way::Queued;
        sql.add(separator);
        sql.add(
            way == Way::WithCommit ? "(?,?,?,?,?,?,?,?,?,?,?,NOW(6)," : "(?,?,?,?,?,?,?,?,?,?,?,NULL,", message.order_id, message.kind,
            message.channel, message.message_id, message.recipient, message.subject, message.body, message.correlation_id,
            way == Way::WithCommit ? message.attempts + 1 : message.attempts,
            message.user_id.empty() ? std::nullopt : std::optional(message.user_id), first_state(way)
        );
        if (queued) {
            sql.add("?,NOW(6) + INTERVAL ? MICROSECOND)", owner, micros(lease));
        } else {
            sql.add("NULL,NULL)");
        }
        separator = ",";
    }
    auto done = session.execute(sql);
    if (!done && done.error().kind == ErrorKind::Conflict) {
        // Another member of the group was faster with the same message: the whole batch is looked at again.
        return fail(ErrorKind::Unavailable, "a notification was stored by another process meanwhile");
    }
    return done.transform([](std::uint64_t) {});
}

Result<void> write_outcome(mysql::Session& session, const Outcome& outcome) {
    return end(session, "state = 'SENT', sent_at = NOW(6)", outcome.sent)
        .and_then([&] { return end(session, "state = 'FAILED'", outcome.given_up); })
        .and_then([&] { return postpone(session, outcome.postponed); });
}

}  // namespace platform::notification
