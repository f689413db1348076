#pragma once
#include "shared/core/result.hpp"
#include "shared/mysql/session.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace platform::mysql {

/// One version of a schema. MySQL commits each DDL statement by itself, so every statement is recorded when done and has to be repeatable
/// (CREATE TABLE IF NOT EXISTS, INSERT IGNORE, ...): a crash between the statement and its record runs it again. MySQL has no ADD COLUMN IF NOT EXISTS: an
/// ALTER TABLE that adds one column or one index, and finds it there, counts as done.
struct Migration {
    int version = 0;  ///< 1, 2, 3, ... without gaps
    std::string_view name;
    std::vector<std::string_view> statements;
    /// The oldest program that works with this schema, by the last version that it knows. 0 = only programs that know this version.
    int works_from = 0;
};

/// Brings the schema to the last of `migrations` under a server-wide lock (GET_LOCK), recording each statement with a checksum in `schema_history`. Needs a user
/// with DDL rights. A database that is newer is left as it is when each newer version works from this program's last one: so a program can go back, and an old
/// process can start again while a new one is being rolled out. Errors: Invalid when a recorded statement's text has changed or the database is too new; else
/// as Session's. Gives the number of statements that it ran.
[[nodiscard]] Result<int> migrate(Session& session, std::span<const Migration> migrations);

/// Invalid when the schema is older than this program needs or too new for it; for programs that run without DDL rights.
[[nodiscard]] Result<void> verify_schema(Session& session, std::span<const Migration> migrations);

}  // namespace platform::mysql
