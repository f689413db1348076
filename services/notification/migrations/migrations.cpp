#include "services/notification/migrations/migrations.hpp"

#include "shared/outbox/outbox.hpp"

#include <string_view>

namespace platform::notification {
namespace {

constexpr std::string_view kNotifications = R"(CREATE TABLE IF NOT EXISTS notifications (
  order_id        BINARY(16)    NOT NULL,
  kind            VARCHAR(32)   NOT NULL,
  channel         VARCHAR(16)   NOT NULL,
  message_id      VARCHAR(255)  NOT NULL,
  recipient       VARCHAR(255)  NOT NULL,
  subject         VARCHAR(255)  NOT NULL,
  body            VARCHAR(2000) NOT NULL,
  correlation_id  VARCHAR(128)  NOT NULL,
  state           VARCHAR(8)    NOT NULL,
  attempts        INT           NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(6)   NULL COMMENT 'NULL when nothing is left to do',
  created_at      DATETIME(6)   NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  sent_at         DATETIME(6)   NULL,
  PRIMARY KEY (order_id, kind, channel),
  KEY due (next_attempt_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr std::string_view kPreferences = R"(CREATE TABLE IF NOT EXISTS preferences (
  user_id    VARCHAR(64)  NOT NULL PRIMARY KEY,
  email      VARCHAR(254) NOT NULL COMMENT 'empty = by the rules of the service',
  channels   VARCHAR(64)  NOT NULL COMMENT 'names with commas; empty = the usual one',
  opt_out    BOOLEAN      NOT NULL,
  updated_at DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

}  // namespace

std::vector<mysql::Migration> migrations() {
    auto statements = outbox::table_statements();
    statements.push_back(kNotifications);
    return {
        {.version = 1, .name = "notifications, outbox, inbox", .statements = std::move(statements)},
        {.version = 2,
         .name = "preferences, customers, owners of claims",
         .statements =
             {kPreferences,
              "ALTER TABLE notifications ADD COLUMN user_id VARCHAR(64) NULL",
              "ALTER TABLE notifications ADD COLUMN owner VARCHAR(64) NULL COMMENT 'who holds a pending one until next_attempt_at'"}},
    };
}

}  // namespace platform::notification
