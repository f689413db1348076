#include "shared/mysql/migrations.hpp"

#include "shared/core/check.hpp"
#include "shared/telemetry/log.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace platform::mysql {
namespace {

/// One round of waiting for the lock; shorter than a session's read timeout.
constexpr int kLockWaitSeconds = 2;
constexpr int kLockRounds = 60;

constexpr std::string_view kHistoryTable =
    "CREATE TABLE IF NOT EXISTS schema_history ("
    " version INT NOT NULL,"
    " statement INT NOT NULL COMMENT 'place in the version, from 1',"
    " name VARCHAR(128) NOT NULL,"
    " checksum CHAR(16) CHARACTER SET ascii NOT NULL,"
    " applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    " PRIMARY KEY (version, statement)"
    ") ENGINE=InnoDB";

/// FNV-1a, 64 bits: against changes by mistake, not against forgery.
std::string checksum_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : text) {
        hash ^= static_cast<std::uint8_t>(byte);
        hash *= 0x100000001b3U;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string digits(16, '0');
    for (std::size_t i = digits.size(); i-- > 0; hash >>= 4U) digits[i] = kDigits[hash & 0xFU];
    return digits;
}

/// Was not there from the first day; a row without it was written by a program that could not be gone back from.
constexpr std::string_view kWorksFrom =
    "ALTER TABLE schema_history ADD COLUMN works_from INT NULL COMMENT 'last version known to the oldest program that works'";

struct Recorded {
    std::string checksum;
    std::optional<int> works_from;
};
/// By version and place of the statement.
using History = std::map<std::pair<int, int>, Recorded>;

Result<History> read_history(Session& session) {
    auto columns =
        session.query(Sql("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() "
                          "AND table_name = 'schema_history' AND column_name = 'works_from'"));
    if (!columns) return fail(std::move(columns.error()));
    const bool told = columns->front().integer(0) > 0;
    auto rows = session.query(Sql(
        told ? "SELECT version, statement, checksum, works_from FROM schema_history"
             : "SELECT version, statement, checksum, NULL FROM schema_history"
    ));
    if (!rows) return fail(std::move(rows.error()));
    History history;
    for (const Row& row : *rows) {
        Recorded& one = history[{static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1))}];
        one.checksum = row.text(2);
        if (!row.is_null(3)) one.works_from = static_cast<int>(row.integer(3));
    }
    return history;
}

Result<void> make_history(Session& session) {
    if (auto made = session.execute(Sql(kHistoryTable)); !made) return fail(std::move(made.error()));
    auto grown = session.execute(Sql(kWorksFrom));
    if (!grown && grown.error().kind != ErrorKind::Conflict) return fail(std::move(grown.error()));
    return {};
}

std::string place_text(int version, int statement) {
    return "version " + std::to_string(version) + ", statement " + std::to_string(statement);
}

/// Refuses a history that this program's migrations did not write.
Result<void> check_history(const History& history, std::span<const Migration> migrations) {
    const int known = static_cast<int>(migrations.size());
    for (const auto& [place, recorded] : history) {
        const auto [version, statement] = place;
        if (version > known && recorded.works_from && *recorded.works_from <= known) continue;
        if (version < 1 || version > known) {
            return fail(
                ErrorKind::Invalid,
                "the database is newer than this program, which knows version " + std::to_string(known) + ": it has " +
                    place_text(version, statement) +
                    (recorded.works_from ? ", which works from version " + std::to_string(*recorded.works_from) : "")
            );
        }
        const auto& statements = migrations[static_cast<std::size_t>(version) - 1].statements;
        if (statement < 1 || static_cast<std::size_t>(statement) > statements.size()) {
            return fail(
                ErrorKind::Invalid,
                "a recorded statement is no longer known: " + place_text(version, statement)
            );
        }
        if (checksum_of(statements[static_cast<std::size_t>(statement) - 1]) != recorded.checksum) {
            return fail(
                ErrorKind::Invalid, "a recorded statement has changed: " + place_text(version, statement)
            );
        }
    }
    return {};
}

void check_versions(std::span<const Migration> migrations) {
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        CHECK(migrations[i].version == static_cast<int>(i) + 1, "versions are 1, 2, 3, ... without gaps");
        CHECK(migrations[i].works_from >= 0 && migrations[i].works_from <= migrations[i].version, "works from an older version");
    }
}

/// The lock of one schema; the server frees it when the session ends.
class MigrationLock {
public:
    static Result<MigrationLock> take(Session& session) {
        for (int round = 0; round < kLockRounds; ++round) {
            auto rows =
                session.query(Sql("SELECT GET_LOCK(CONCAT('migrate.', SHA2(DATABASE(), 224)), ?)", kLockWaitSeconds)
                );
            if (!rows) return fail(std::move(rows.error()));
            const Row& row = rows->front();
            if (!row.is_null(0) && row.integer(0) == 1) return MigrationLock(session);
        }
        return fail(ErrorKind::Unavailable, "another program has been migrating this schema for minutes");
    }
    MigrationLock(MigrationLock&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
    MigrationLock& operator=(MigrationLock&&) = delete;
    ~MigrationLock() {
        if (session_ == nullptr) return;
        // A failure means that the connection is lost, and with it the lock.
        [[maybe_unused]] const auto released =
            session_->query(Sql("SELECT RELEASE_LOCK(CONCAT('migrate.', SHA2(DATABASE(), 224)))"));
    }

private:
    explicit MigrationLock(Session& session) : session_(&session) {}
    Session* session_;
};

Result<void> run_and_record(Session& session, const Migration& migration, int place, std::string_view text) {
    auto done = session.execute(Sql(text));
    const bool had_been_done =
        !done && done.error().kind == ErrorKind::Conflict && text.starts_with("ALTER TABLE");
    if (!done && !had_been_done) {
        Error error = std::move(done.error());
        error.what = place_text(migration.version, place) + ": " + error.what;
        return fail(std::move(error));
    }
    // Only now: a crash in between runs the statement again, which statements have to allow.
    auto recorded = session.execute(
        Sql("INSERT INTO schema_history (version, statement, name, checksum, works_from) VALUES (?, ?, ?, ?, ?)",
            migration.version,
            place,
            migration.name,
            checksum_of(text),
            migration.works_from == 0 ? migration.version : migration.works_from)
    );
    if (!recorded) return fail(std::move(recorded.error()));
    return {};
}

}  // namespace

Result<int> migrate(Session& session, std::span<const Migration> migrations) {
    check_versions(migrations);
    auto lock = MigrationLock::take(session);
    if (!lock) return fail(std::move(lock.error()));
    if (auto made = make_history(session); !made) return fail(std::move(made.error()));
    auto history = read_history(session);
    if (!history) return fail(std::move(history.error()));
    if (auto fits = check_history(*history, migrations); !fits) return fail(std::move(fits.error()));

    int ran = 0;
    for (const Migration& migration : migrations) {
        int place = 0;
        for (const std::string_view text : migration.statements) {
            ++place;
            if (history->contains({migration.version, place})) continue;
            if (auto done = run_and_record(session, migration, place, text); !done)
                return fail(std::move(done.error()));
            ++ran;
        }
        if (place > 0 && !history->contains({migration.version, place})) {
            log::info("schema migrated", {{"version", migration.version}, {"name", migration.name}});
        }
    }
    return ran;
}

Result<void> verify_schema(Session& session, std::span<const Migration> migrations) {
    check_versions(migrations);
    auto exists =
        session.query(Sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
                          "AND table_name = 'schema_history'"));
    if (!exists) return fail(std::move(exists.error()));
    if (exists->front().integer(0) == 0)
        return fail(ErrorKind::Invalid, "the schema has not been created yet");
    auto history = read_history(session);
    if (!history) return fail(std::move(history.error()));
    if (auto fits = check_history(*history, migrations); !fits) return fail(std::move(fits.error()));
    for (const Migration& migration : migrations) {
        for (int place = 1; place <= static_cast<int>(migration.statements.size()); ++place) {
            if (!history->contains({migration.version, place})) {
                return fail(ErrorKind::Invalid, "the schema lacks " + place_text(migration.version, place));
            }
        }
    }
    return {};
}

}  // namespace platform::mysql
