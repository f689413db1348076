#include "services/inventory/migrations/migrations.hpp"

#include "shared/outbox/outbox.hpp"

#include <string_view>

namespace platform::inventory {
namespace {

constexpr std::string_view kItems = R"(CREATE TABLE IF NOT EXISTS inventory_items (
  product_id VARCHAR(64) NOT NULL PRIMARY KEY,
  available  BIGINT      NOT NULL,
  reserved   BIGINT      NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT available_not_negative CHECK (available >= 0),
  CONSTRAINT reserved_not_negative CHECK (reserved >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr std::string_view kReservations = R"(CREATE TABLE IF NOT EXISTS reservations (
  order_id       BINARY(16)   NOT NULL PRIMARY KEY,
  state          VARCHAR(16)  NOT NULL,
  product_id     VARCHAR(64)  NOT NULL,
  quantity       INT          NOT NULL,
  failure_code   VARCHAR(32)  NULL,
  correlation_id VARCHAR(128) NOT NULL,
  created_at     DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr std::string_view kMovements = R"(CREATE TABLE IF NOT EXISTS stock_movements (
  id         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
  product_id VARCHAR(64) NOT NULL,
  order_id   BINARY(16)  NOT NULL,
  delta      BIGINT      NOT NULL COMMENT 'of available; their sum is the stock',
  movement   VARCHAR(16) NOT NULL,
  moved_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

constexpr std::string_view kReservationLines = R"(CREATE TABLE IF NOT EXISTS reservation_lines (
  order_id   BINARY(16)  NOT NULL,
  product_id VARCHAR(64) NOT NULL,
  quantity   BIGINT      NOT NULL,
  PRIMARY KEY (order_id, product_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='only of orders over several products')";

constexpr std::string_view kAdjustments = R"(CREATE TABLE IF NOT EXISTS adjustments (
  idempotency_key VARBINARY(255) NOT NULL PRIMARY KEY,
  product_id VARCHAR(64)  NOT NULL,
  kind       VARCHAR(8)   NOT NULL COMMENT 'as asked for: DELTA or SET',
  amount     BIGINT       NOT NULL COMMENT 'as asked for',
  reason     VARCHAR(512) NOT NULL,
  delta      BIGINT       NOT NULL COMMENT 'what came of it',
  available  BIGINT       NOT NULL COMMENT 'after it',
  revision   BIGINT       NOT NULL COMMENT 'of the product, after it',
  made_at    DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

}  // namespace

std::vector<mysql::Migration> migrations() {
    auto statements = outbox::table_statements();
    statements.insert(statements.end(), {kItems, kReservations, kMovements});
    return {
        {.version = 1, .name = "stock, reservations, ledger, outbox, inbox", .statements = std::move(statements)},
        {.version = 2,
         .name = "catalogue, adjustments, orders over several products, ledger rows that sum up orders",
         .statements =
             {"ALTER TABLE inventory_items ADD COLUMN name VARCHAR(200) NULL",
              "ALTER TABLE inventory_items ADD COLUMN price DECIMAL(19,4) NULL",
              "ALTER TABLE inventory_items ADD COLUMN currency CHAR(3) NOT NULL DEFAULT 'EUR'",
              "ALTER TABLE inventory_items ADD COLUMN low_mark BIGINT NOT NULL DEFAULT 0",
              "ALTER TABLE inventory_items ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
              "ALTER TABLE reservations ADD COLUMN line_count INT NOT NULL DEFAULT 0",
              kReservationLines,
              "ALTER TABLE stock_movements ADD COLUMN orders BIGINT NOT NULL DEFAULT 1",
              "ALTER TABLE stock_movements ADD COLUMN reason VARCHAR(512) NULL",
              "ALTER TABLE stock_movements ADD KEY by_product (product_id, id)",
              kAdjustments}},
    };
}

}  // namespace platform::inventory
