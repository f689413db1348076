#pragma once
#include "shared/core/clock.hpp"
#include "shared/mysql/error_kinds.hpp"
#include "shared/mysql/session.hpp"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/statement.h>

#include <memory>
#include <string>

namespace platform::mysql {

/// What Session and Transaction share. Only for the .cpp files of this folder.
struct Session::Impl {
    enum class InTransaction : std::uint8_t { No, Yes, Doomed };

    std::unique_ptr<sql::Connection> connection;
    std::unique_ptr<sql::Statement> statement;
    Duration read_timeout{};
    bool lost = false;
    /// Doomed: the server has rolled the transaction back, or may have. Statements that still come must not
    /// be executed, since each would be a transaction of its own.
    InTransaction transaction = InTransaction::No;

    /// Runs one statement without an answer, whatever `transaction` says.
    [[nodiscard]] Result<std::uint64_t> run(const std::string& text);
    /// Translates an error of a statement that began at `started`, and draws the consequences for this
    /// session.
    [[nodiscard]] Error translate(const sql::SQLException& exception, Instant started);
    [[nodiscard]] Result<void> may_run() const;
    int last_error = 0;  ///< the number of the last error, for Transaction::commit
};

}  // namespace platform::mysql
