#pragma once
#include "services/notification/domain/message_store.hpp"
#include "shared/mysql/session.hpp"
#include "shared/mysql/sql.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// Inner part of MysqlMessageStore: rows of the table `notifications` and the statements that write them.
namespace platform::notification {

/// The columns that read_message() expects, in its order.
inline constexpr std::string_view kMessageColumns =
    "order_id, kind, channel, message_id, recipient, subject, body, correlation_id, attempts, user_id";

[[nodiscard]] Message read_message(const mysql::Row& row);
[[nodiscard]] std::int64_t micros(Duration duration);

/// What a customer is told once of.
using Step = std::tuple<OrderId, std::string>;
[[nodiscard]] inline Step step_of(const Message& message) {
    return {message.order_id, message.kind};
}

/// Which of these steps have been told of, by whatever channel.
[[nodiscard]] Result<std::set<Step>> told_steps(mysql::Session& session, std::span<const Message> messages);

/// Queued messages are held by `owner` for `lease`. Error: Unavailable when another process was faster with one of them.
[[nodiscard]] Result<void> insert_messages(
    mysql::Session& session, std::span<const Message> messages, const std::string& owner, Duration lease
);

/// One statement for each kind of ending, whatever the count of messages.
[[nodiscard]] Result<void> write_outcome(mysql::Session& session, const Outcome& outcome);

/// "((order, kind, channel), ...)"
void add_keys(mysql::Sql& sql, std::span<const Message> messages);

}  // namespace platform::notification
