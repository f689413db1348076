#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/mysql/sql.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace platform::mysql {

/// One row of an answer. Getters CHECK the column number and, for non-nullable getters, that there is a value; a value of the wrong form throws std::runtime_error,
/// which Session::query's callers never see for columns of their own schema.
class Row {
public:
    explicit Row(std::vector<std::optional<std::string>> cells) : cells_(std::move(cells)) {}
    [[nodiscard]] bool is_null(std::size_t column) const;
    [[nodiscard]] const std::string& text(std::size_t column) const;
    [[nodiscard]] std::int64_t integer(std::size_t column) const;
    [[nodiscard]] Uuid uuid(std::size_t column) const;
    [[nodiscard]] Money money(std::size_t column) const;
    [[nodiscard]] WallTime time(std::size_t column) const;  ///< DATETIME(6) in UTC

private:
    std::vector<std::optional<std::string>> cells_;
};
using Rows = std::vector<Row>;

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 3306;
    std::string user;
    std::string password;
    std::string database;
    Duration connect_timeout = std::chrono::seconds(3);
    Duration read_timeout = std::chrono::seconds(10);
    Duration lock_wait_timeout = std::chrono::seconds(5);
    std::string tls_ca;  ///< path; empty = no TLS
    std::size_t pool_size = 8;
};

/// One connection: READ COMMITTED, UTC, utf8mb4, strict sql_mode. Belongs to one thread at a time.
/// Error kinds: Conflict (1062 duplicate key), Unavailable (connection refused or lost, 1213 deadlock, 1205 lock wait, server shutting down, read-only), Timeout (read
/// timeout), Denied (1044, 1045, 1142, 1143), Internal (a fault of ours: syntax, schema). After Unavailable or Timeout the transaction is gone.
class Session {
public:
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] static Result<std::unique_ptr<Session>> connect(const Options& options);

    /// Gives the count of affected rows (changed ones, for UPDATE).
    [[nodiscard]] Result<std::uint64_t> execute(const Sql& sql);
    [[nodiscard]] Result<Rows> query(const Sql& sql);
    /// False once the connection is known to be lost; the pool then throws it away.
    [[nodiscard]] bool usable() const;

private:
    friend class Transaction;
    struct Impl;
    explicit Session(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// BEGIN at construction, ROLLBACK at destruction unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(Session& session);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// An error whose `outcome_unknown` is true may have committed all the same.
    [[nodiscard]] Result<void> commit();
    [[nodiscard]] Session& session() const { return *session_; }

private:
    explicit Transaction(Session& session) : session_(&session) {}
    Session* session_;
};

}  // namespace platform::mysql
