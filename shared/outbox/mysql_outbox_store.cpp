#include "shared/outbox/mysql_outbox_store.hpp"

#include "shared/outbox/bundle_codec.hpp"
#include "shared/outbox/headers_codec.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace platform::outbox {
namespace {

constexpr std::size_t kIdsPerStatement = 1000;
constexpr std::size_t kSetbacksPerStatement = 200;
constexpr std::int64_t kCountedRows = 10'000;
constexpr std::size_t kReasonLimit = 512;

std::int64_t micros(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

/// "(X'..', X'..')"
void add_ids(mysql::Sql& sql, std::span<const Uuid> ids) {
    std::string_view separator = "(";
    for (const Uuid& id : ids) {
        sql.add(separator).add("?", id);
        separator = ", ";
    }
    sql.add(")");
}

/// Cuts a text of unknown bytes so that it fits a VARCHAR in characters and stays valid UTF-8.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, kReasonLimit));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

class MysqlOutboxStore final : public OutboxStore {
public:
    explicit MysqlOutboxStore(mysql::Pool& pool) : pool_(pool) {}

    Result<void> remove(std::span<const Uuid> ids) override {
        auto session = pool_.acquire();
        if (!session) return fail(std::move(session.error()));
        while (!ids.empty()) {
            const auto some = ids.first(std::min(ids.size(), kIdsPerStatement));
            mysql::Sql sql("DELETE FROM outbox WHERE id IN ");
            add_ids(sql, some);
            if (auto done = (*session)->execute(sql); !done) return fail(std::move(done.error()));
            ids = ids.subspan(some.size());
        }
        return {};
    }

    Result<std::vector<OutboxRow>> claim_expired(std::size_t limit, const Claim& claim) override {
        auto session = pool_.acquire();
        if (!session) return fail(std::move(session.error()));
        auto transaction = mysql::Transaction::begin(**session);
        if (!transaction) return fail(std::move(transaction.error()));
        auto found = (*session)->query(select_expired(limit));
        if (!found) return fail(std::move(found.error()));
        if (found->empty()) return std::vector<OutboxRow>{};

        auto rows = to_rows(*found);
        std::vector<Uuid> ids;
        for (const mysql::Row& row : *found) ids.push_back(row.uuid(0));
        mysql::Sql sql(
            "UPDATE outbox SET owner = ?, claimed_until = CURRENT_TIMESTAMP(6) + INTERVAL ? MICROSECOND "
            "WHERE id IN ",
            claim.owner,
            micros(claim.lease)
        );
        add_ids(sql, ids);
        if (auto done = (*session)->execute(sql); !done) return fail(std::move(done.error()));
        if (auto done = transaction->commit(); !done) return fail(std::move(done.error()));
        return rows;
    }

    Result<void> back_off(std::span<const Setback> setbacks) override {
        auto session = pool_.acquire();
        if (!session) return fail(std::move(session.error()));
        std::vector<Setback> whole;
        for (const Setback& setback : setbacks) {
            if (setback.only.empty()) {
                whole.push_back(setback);
            } else if (auto done = split(**session, setback); !done) {
                return done;
            }
        }
        std::span<const Setback> rest = whole;
        while (!rest.empty()) {
            const auto some = rest.first(std::min(rest.size(), kSetbacksPerStatement));
            if (auto done = (*session)->execute(back_off_statement(some)); !done)
                return fail(std::move(done.error()));
            rest = rest.subspan(some.size());
        }
        return {};
    }

    Result<void> release(const std::string& owner) override {
        auto session = pool_.acquire();
        if (!session) return fail(std::move(session.error()));
        // Claims that have expired anyway are left out, so that a large backlog is not rewritten.
        auto done = (*session)->execute(mysql::Sql(
            "UPDATE outbox SET claimed_until = CURRENT_TIMESTAMP(6) WHERE claimed_until > "
            "CURRENT_TIMESTAMP(6) AND owner = ?",
            owner
        ));
        if (!done) return fail(std::move(done.error()));
        return {};
    }

    Result<Depth> depth() override {
        auto session = pool_.acquire();
        if (!session) return fail(std::move(session.error()));
        // By primary key, since ids are made from time: the first rows are the oldest ones, or nearly.
        auto rows = (*session)->query(mysql::Sql(
            "SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(created_at), CURRENT_TIMESTAMP(6)), 0)"
            " FROM (SELECT created_at FROM outbox ORDER BY id LIMIT ?) AS first_rows",
            kCountedRows
        ));
        if (!rows) return fail(std::move(rows.error()));
        const mysql::Row& row = rows->front();
        return Depth{
            .rows = row.integer(0),
            .oldest = std::chrono::microseconds(std::max<std::int64_t>(0, row.integer(1)))
        };
    }

private:
    /// Replaces a row by one row for each record that has to be sent again.
    static Result<void> split(mysql::Session& session, const Setback& setback) {
        auto transaction = mysql::Transaction::begin(session);
        if (!transaction) return fail(std::move(transaction.error()));
        auto found = session.query(mysql::Sql(
            "SELECT id, topic, record_key, payload, headers, attempts FROM outbox WHERE id = ? FOR UPDATE", setback.id
        ));
        if (!found) return fail(std::move(found.error()));
        std::vector<OutboxRow> rows = to_rows(*found);
        std::erase_if(rows, [&](const OutboxRow& row) { return std::ranges::find(setback.only, row.id) == setback.only.end(); });
        if (rows.empty()) return {};
        if (auto done = session.execute(mysql::Sql("DELETE FROM outbox WHERE id = ?", setback.id)); !done) {
            return fail(std::move(done.error()));
        }
        std::string_view separator =
            "INSERT INTO outbox (id, topic, record_key, payload, headers, owner, claimed_until, attempts, last_error) VALUES ";
        mysql::Sql sql("");
        for (const OutboxRow& row : rows) {
            sql.add(separator);
            sql.add(
                "(?, ?, ?, ?, ?, '', CURRENT_TIMESTAMP(6) + INTERVAL ? MICROSECOND, ?, ?)",
                row.id,
                row.record.topic,
                row.record.key,
                row.record.value,
                encode_headers(row.record.headers),
                micros(setback.pause),
                row.attempts + 1,
                printable(setback.why)
            );
            separator = ", ";
        }
        if (auto done = session.execute(sql); !done) return fail(std::move(done.error()));
        return transaction->commit();
    }

    /// The records of a row that holds several. A damaged one stays in the table, for a person.
    static void add_bundle(const mysql::Row& row, std::vector<OutboxRow>& rows) {
        auto records = decode_bundle(row.text(3));
        if (!records) {
            log::error("outbox row has a damaged bundle", {{"id", row.uuid(0).text()}, {"why", records.error().what}});
            return;
        }
        for (OutboxRow& record : *records) {
            record.bundle = row.uuid(0);
            record.attempts = static_cast<int>(row.integer(5));
            rows.push_back(std::move(record));
        }
    }

    static std::vector<OutboxRow> to_rows(const mysql::Rows& found) {
        std::vector<OutboxRow> rows;
        rows.reserve(found.size());
        for (const mysql::Row& row : found) {
            if (row.text(1) == kBundleTopic) {
                add_bundle(row, rows);
                continue;
            }
            auto headers = decode_headers(row.text(4));
            if (!headers) {
                // The value alone is a whole event; a row that nobody sends would be worse than one without
                // its headers.
                log::error("outbox row has damaged headers", {{"id", row.uuid(0).text()}});
                headers = kafka::Headers{};
            }
            rows.push_back(
                {.id = row.uuid(0),
                 .record =
                     {.topic = row.text(1),
                      .key = row.text(2),
                      .value = row.text(3),
                      .headers = *std::move(headers)},
                 .attempts = static_cast<int>(row.integer(5))}
            );
        }
        return rows;
    }

    /// Each row has a pause and a reason of its own, all in one statement.
    static mysql::Sql back_off_statement(std::span<const Setback> setbacks) {
        mysql::Sql sql("UPDATE outbox JOIN (");
        bool first = true;
        for (const Setback& setback : setbacks) {
            sql.add(
                first ? "SELECT ? AS id, ? AS pause, ? AS why" : " UNION ALL SELECT ?, ?, ?",
                setback.id,
                micros(setback.pause),
                printable(setback.why)
            );
            first = false;
        }
        sql.add(
            ") AS setback ON outbox.id = setback.id SET owner = '', attempts = attempts + 1, last_error = "
            "why,"
            " claimed_until = CURRENT_TIMESTAMP(6) + INTERVAL pause MICROSECOND"
        );
        return sql;
    }

    mysql::Pool& pool_;
};

}  // namespace

std::unique_ptr<OutboxStore> make_mysql_outbox_store(mysql::Pool& pool) {
    return std::make_unique<MysqlOutboxStore>(pool);
}

mysql::Sql select_expired(std::size_t limit) {
    // SKIP LOCKED: two sweepers take different rows, and rows of transactions that are still open are left alone.
    return mysql::Sql(
        "SELECT id, topic, record_key, payload, headers, attempts FROM outbox FORCE INDEX (sweeper)"
        " WHERE claimed_until < CURRENT_TIMESTAMP(6) ORDER BY claimed_until, id LIMIT ? FOR UPDATE SKIP LOCKED",
        limit
    );
}

Result<void> release_predecessors(mysql::Session& session, const std::string& instance) {
    const std::string prefix = instance + ":";
    return session
        .execute(mysql::Sql(
            "UPDATE outbox SET claimed_until = CURRENT_TIMESTAMP(6) WHERE claimed_until > CURRENT_TIMESTAMP(6) "
            "AND LEFT(owner, ?) = ?",
            prefix.size(),
            prefix
        ))
        .transform([](std::uint64_t) {});
}

}  // namespace platform::outbox
