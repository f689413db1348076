#include "services/order/migrations/migrations.hpp"

#include "shared/outbox/outbox.hpp"

#include <string_view>

namespace platform::order {
namespace {

constexpr std::string_view kOrders = R"(CREATE TABLE IF NOT EXISTS orders (
  id                  BINARY(16)    NOT NULL PRIMARY KEY,
  user_id             VARCHAR(64)   NOT NULL,
  product_id          VARCHAR(64)   NOT NULL,
  quantity            INT           NOT NULL,
  price               DECIMAL(19,4) NOT NULL,
  amount              DECIMAL(19,4) NOT NULL,
  currency            VARCHAR(3)    NOT NULL,
  correlation_id      VARCHAR(128)  NOT NULL,
  payment_leg         VARCHAR(16)   NOT NULL,
  inventory_leg       VARCHAR(16)   NOT NULL,
  failure_code        VARCHAR(32)   NULL COMMENT 'set = cancelled',
  failure_reason      VARCHAR(512)  NULL,
  status              VARCHAR(16)   NOT NULL COMMENT 'derived, for people and checks',
  saga_state          VARCHAR(24)   NOT NULL COMMENT 'derived, for people and checks',
  version             BIGINT        NOT NULL,
  created_at          DATETIME(6)   NOT NULL,
  sent_at             DATETIME(6)   NULL,
  payment_at          DATETIME(6)   NULL,
  inventory_at        DATETIME(6)   NULL,
  decided_at          DATETIME(6)   NULL,
  payment_undone_at   DATETIME(6)   NULL,
  inventory_undone_at DATETIME(6)   NULL,
  closed_at           DATETIME(6)   NULL,
  updated_at          DATETIME(6)   NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  looks               INT           NOT NULL DEFAULT 0,
  next_look_at        DATETIME(6)   NULL COMMENT 'NULL when nothing is left to wait for',
  KEY due (next_look_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr std::string_view kKeys = R"(CREATE TABLE IF NOT EXISTS idempotency_keys (
  subject    VARBINARY(64)  NOT NULL,
  idem_key   VARBINARY(255) NOT NULL,
  order_id   BINARY(16)     NOT NULL,
  created_at DATETIME(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (subject, idem_key),
  KEY age (created_at)
) ENGINE=InnoDB)";

constexpr std::string_view kItems =
    "ALTER TABLE orders ADD COLUMN items TEXT NULL "
    "COMMENT 'all lines as JSON; NULL when product_id, quantity and price are the only one'";

/// For the list of orders. None of these columns ever changes, so an order writes each index once.
constexpr std::string_view kByTime = "ALTER TABLE orders ADD INDEX by_time (created_at)";
constexpr std::string_view kByUser = "ALTER TABLE orders ADD INDEX by_user (user_id, created_at)";

constexpr std::string_view kTimeline = R"(CREATE TABLE IF NOT EXISTS order_timeline (
  order_id    BINARY(16)  NOT NULL PRIMARY KEY,
  steps       MEDIUMBLOB  NOT NULL COMMENT 'all of them, JSON',
  recorded_at DATETIME(6) NOT NULL COMMENT 'the first of them',
  KEY age (recorded_at)
) ENGINE=InnoDB)";

/// One row a product; orders never touch it.
constexpr std::string_view kCataloguePrices = R"(CREATE TABLE IF NOT EXISTS catalogue_prices (
  product_id VARCHAR(64)   NOT NULL PRIMARY KEY,
  revision   BIGINT        NOT NULL COMMENT 'of the product; what is older is left out',
  price      DECIMAL(19,4) NULL COMMENT 'NULL when it is not for sale at a known price',
  currency   VARCHAR(3)    NOT NULL,
  kept_at    DATETIME(6)   NOT NULL,
  KEY news (kept_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

}  // namespace

std::vector<mysql::Migration> migrations() {
    auto statements = outbox::table_statements();
    statements.push_back(kOrders);
    statements.push_back(kKeys);
    return {
        {.version = 1, .name = "orders, idempotency keys, outbox, inbox", .statements = std::move(statements)},
        {.version = 2,
         .name = "which outbox row announces an order",
         .statements = {"ALTER TABLE orders ADD COLUMN announced_by BINARY(16) NULL COMMENT 'outbox row of ORDER_CREATED'"}},
        {.version = 3, .name = "lines, list, timeline", .statements = {kItems, kByTime, kByUser, kTimeline}},
        {.version = 4, .name = "prices of the catalogue", .statements = {kCataloguePrices}, .works_from = 3}
    };
}

}  // namespace platform::order
