#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/record.hpp"
#include "shared/mysql/migrations.hpp"
#include "shared/mysql/session.hpp"

#include <span>
#include <string>
#include <vector>

namespace platform::outbox {

/// One record on its way to Kafka, stored in the transaction of the change that it tells of. Records of one
/// transaction share a row of the table (docs/adr/0005): a row costs the database more than its bytes do.
struct OutboxRow {
    Uuid id;  ///< the event id; a dead letter has an id of its own
    kafka::OutgoingRecord record;
    int attempts = 0;  ///< failed tries so far; a row that is read back has them
    Uuid bundle{};     ///< key of the table's row when it has other records too; nil = a row of its own

    /// Key of the table's row that holds the record.
    [[nodiscard]] const Uuid& key() const { return bundle.is_nil() ? id : bundle; }
};

/// Bounds of one row of the table; a larger record has a row of its own.
inline constexpr std::size_t kRecordsPerRow = 64;
inline constexpr std::size_t kBytesPerRow = 64 * 1024;

/// The row of an event: topic (by `topic_name`, default topic_of), key, encoded value, CloudEvents binary headers (ce_id, ce_type, ce_source, ce_time,
/// ce_subject, ce_specversion, content-type), correlation id and traceparent (by default the one of the event's metadata).
[[nodiscard]] OutboxRow to_row(const events::Event& event, const std::string& topic, const std::string& traceparent = "");

/// The row of a dead letter: topic + ".DLT", original key, value and headers, plus kafka_dlt-original-topic|partition|offset|timestamp|consumer-group and
/// kafka_dlt-exception-message (Spring Kafka's header names and forms: the numbers are big-endian, 4 bytes for the partition, 8 for the others). Headers of an
/// earlier dead letter are replaced.
[[nodiscard]] OutboxRow to_dead_letter(
    Uuid id, const kafka::Record& record, const std::string& group, const std::string& suffix, const Error& why
);

/// Who holds a row, and for how long on the database's clock; longer than the producer's message timeout.
struct Claim {
    std::string owner;  ///< unique per process start
    Duration lease = std::chrono::seconds(60);
};

/// Gives neighbours a common `bundle`, within the bounds above: the id of the first one. For all records of a transaction, before insert().
void bundle(std::span<OutboxRow> rows);

/// Writes `rows` in the caller's transaction, claimed already by `claim.owner`, in multi-row statements. Neighbours of one bundle become one row of the table.
[[nodiscard]] Result<void> insert(mysql::Session& session, std::span<const OutboxRow> rows, const Claim& claim);

/// CREATE TABLE statements of `outbox` and `inbox`, for the first migration of every service.
[[nodiscard]] std::vector<std::string_view> table_statements();

/// A row of the table that could not be sent, and how long it has to wait.
struct Setback {
    Uuid id;  ///< OutboxRow::key()
    Duration pause{0};
    std::string why;
    /// Records that failed while others of the row were acknowledged: these stay, each in a row of its own.
    /// Empty = the whole row stays as it is.
    std::vector<Uuid> only{};
};

/// Port: what the relay and its sweeper need of the outbox table. Thread-safe.
class OutboxStore {
public:
    OutboxStore() = default;
    OutboxStore(const OutboxStore&) = delete;
    OutboxStore& operator=(const OutboxStore&) = delete;
    virtual ~OutboxStore() = default;

    /// Deletes acknowledged rows of the table by OutboxRow::key().
    [[nodiscard]] virtual Result<void> remove(std::span<const Uuid> keys) = 0;
    /// Takes over at most `limit` rows of the table whose claim has expired, longest expired first (a short transaction, FOR UPDATE SKIP LOCKED), and gives their records;
    /// records of one row are neighbours.
    [[nodiscard]] virtual Result<std::vector<OutboxRow>> claim_expired(std::size_t limit, const Claim& claim) = 0;
    /// Lets each row expire after its own `pause`, counting one more attempt. Rows and records that are gone are skipped.
    [[nodiscard]] virtual Result<void> back_off(std::span<const Setback> setbacks) = 0;
    /// Gives up all claims of `owner`, so that another process can send at once.
    [[nodiscard]] virtual Result<void> release(const std::string& owner) = 0;
    struct Depth {
        std::int64_t rows = 0;  ///< counted up to 10,000
        Duration oldest{0};
    };
    [[nodiscard]] virtual Result<Depth> depth() = 0;
};

}  // namespace platform::outbox
