#include "services/payment/migrations/migrations.hpp"

#include "shared/outbox/outbox.hpp"

#include <string_view>

namespace platform::payment {
namespace {

constexpr std::string_view kPayments = R"(CREATE TABLE IF NOT EXISTS payments (
  order_id        BINARY(16)     NOT NULL PRIMARY KEY,
  payment_id      BINARY(16)     NOT NULL,
  state           VARCHAR(16)    NOT NULL,
  amount          DECIMAL(19,4)  NOT NULL,
  price           DECIMAL(19,4)  NOT NULL,
  currency        VARCHAR(3)     NOT NULL,
  product_id      VARCHAR(64)    NOT NULL,
  quantity        INT            NOT NULL,
  user_id         VARCHAR(64)    NOT NULL,
  correlation_id  VARCHAR(128)   NOT NULL,
  transaction_id  VARCHAR(128)   NOT NULL,
  refund_id       VARCHAR(128)   NOT NULL,
  failure_code    VARCHAR(32)    NULL,
  failure_reason  VARCHAR(255)   NOT NULL,
  attempts        INT            NOT NULL,
  next_attempt_at DATETIME(6)    NULL COMMENT 'NULL when nothing is left to ask of the provider',
  created_at      DATETIME(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at      DATETIME(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  KEY due (next_attempt_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)";

}  // namespace

std::vector<mysql::Migration> migrations() {
    auto statements = outbox::table_statements();
    statements.push_back(kPayments);
    return {
        {.version = 1, .name = "payments, outbox, inbox", .statements = std::move(statements)},
        {.version = 2,
         .name = "payments are found by their own id",
         .statements = {"ALTER TABLE payments ADD KEY by_payment_id (payment_id)"},
         .works_from = 1},
    };
}

}  // namespace platform::payment
