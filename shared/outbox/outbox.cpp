#include "shared/outbox/outbox.hpp"

#include "shared/core/check.hpp"
#include "shared/core/time_text.hpp"
#include "shared/outbox/bundle_codec.hpp"
#include "shared/outbox/headers_codec.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace platform::outbox {
namespace {

/// Bounds of one INSERT statement. The bytes stay far below the server's max_allowed_packet; one larger row
/// goes alone.
constexpr std::size_t kRowsPerStatement = 500;
constexpr std::size_t kBytesPerStatement = 1024 * 1024;

constexpr std::size_t kReasonLimit = 512;
constexpr std::string_view kDeadLetterPrefix = "kafka_dlt-";

constexpr std::string_view kOutboxTable =
    "CREATE TABLE IF NOT EXISTS outbox ("
    " id BINARY(16) NOT NULL,"
    " topic VARCHAR(249) NOT NULL,"
    " record_key MEDIUMBLOB NOT NULL,"
    " payload MEDIUMBLOB NOT NULL,"
    " headers MEDIUMBLOB NOT NULL,"
    " owner VARCHAR(64) NOT NULL COMMENT 'who sends it until claimed_until',"
    " claimed_until DATETIME(6) NOT NULL,"
    " attempts INT NOT NULL DEFAULT 0,"
    " last_error VARCHAR(512) NULL,"
    " created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    " PRIMARY KEY (id),"
    " KEY sweeper (claimed_until)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

constexpr std::string_view kInboxTable =
    "CREATE TABLE IF NOT EXISTS inbox ("
    " consumer_group VARCHAR(64) NOT NULL,"
    " event_id BINARY(16) NOT NULL,"
    " handled_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
    " PRIMARY KEY (consumer_group, event_id),"
    " KEY retention (handled_at)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

template <class Integer>
std::string big_endian(Integer value) {
    std::string bytes(sizeof(Integer), '\0');
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = bytes.size(); i-- > 0; rest >>= 8U) bytes[i] = static_cast<char>(rest & 0xFFU);
    return bytes;
}

std::size_t size_of(const OutboxRow& row) {
    return row.record.key.size() + row.record.value.size() + row.record.topic.size() +
           64 * row.record.headers.size();
}

/// As many of `rows`, at least one, as stay within the bounds.
std::size_t rows_that_fit(std::span<const OutboxRow> rows, std::size_t most, std::size_t most_bytes) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (const OutboxRow& row : rows.first(std::min(rows.size(), most))) {
        bytes += size_of(row);
        if (count > 0 && bytes > most_bytes) break;
        ++count;
    }
    return count;
}

mysql::Sql insert_statement(std::span<const OutboxRow> rows, const Claim& claim) {
    const auto lease = std::chrono::duration_cast<std::chrono::microseconds>(claim.lease).count();
    mysql::Sql sql(
        "INSERT INTO outbox (id, topic, record_key, payload, headers, owner, claimed_until, attempts) VALUES "
    );
    std::string_view separator;
    while (!rows.empty()) {
        const std::size_t count = size_of_bundle(rows);
        const OutboxRow& row = rows.front();
        const bool alone = count == 1;
        sql.add(separator);
        sql.add(
            "(?, ?, ?, ?, ?, ?, CURRENT_TIMESTAMP(6) + INTERVAL ? MICROSECOND, ?)",
            row.key(),
            alone ? row.record.topic : std::string(kBundleTopic),
            alone ? row.record.key : std::string(),
            alone ? row.record.value : encode_bundle(rows.first(count)),
            alone ? encode_headers(row.record.headers) : std::string(),
            claim.owner,
            lease,
            row.attempts
        );
        separator = ", ";
        rows = rows.subspan(count);
    }
    return sql;
}

}  // namespace

OutboxRow to_row(const events::Event& event, const std::string& topic, const std::string& traceparent) {
    const std::string key = events::key_of(event);
    OutboxRow row{
        .id = event.metadata.event_id.uuid,
        .record =
            {.topic = topic.empty() ? std::string(events::topic_of(event.payload)) : topic,
             .key = key,
             .value = events::encode(event),
             .headers =
                 {{"content-type", "application/json"},
                  {"ce_specversion", "1.0"},
                  {"ce_id", event.metadata.event_id.text()},
                  {"ce_type", std::string(events::type_name(event.payload))},
                  {"ce_source", "/" + event.metadata.source_service},
                  {"ce_time", to_rfc3339(event.metadata.occurred_at)},
                  {"ce_subject", key},
                  {"ce_correlationid", event.metadata.correlation_id}}}
    };
    const std::string& trace = traceparent.empty() ? event.metadata.traceparent : traceparent;
    if (!trace.empty()) row.record.headers.emplace_back("traceparent", trace);
    return row;
}

OutboxRow to_dead_letter(
    Uuid id,
    const kafka::Record& record,
    const std::string& group,
    const std::string& suffix,
    const Error& why
) {
    kafka::Headers headers = record.headers;
    std::erase_if(headers, [](const auto& header) { return header.first.starts_with(kDeadLetterPrefix); });
    const auto add = [&](const char* name, std::string value) {
        headers.emplace_back(std::string(kDeadLetterPrefix) + name, std::move(value));
    };
    add("original-topic", record.topic);
    add("original-partition", big_endian(record.partition));
    add("original-offset", big_endian(record.offset));
    add("original-timestamp", big_endian(record.timestamp_millis));
    add("original-consumer-group", group);
    add("exception-message", why.what.substr(0, kReasonLimit));
    return {
        .id = id,
        .record =
            {.topic = record.topic + suffix,
             .key = record.key,
             .value = record.value,
             .headers = std::move(headers)}
    };
}

void bundle(std::span<OutboxRow> rows) {
    while (!rows.empty()) {
        const std::size_t count = rows_that_fit(rows, kRecordsPerRow, kBytesPerRow);
        for (OutboxRow& row : rows.first(count)) row.bundle = count == 1 ? Uuid{} : rows.front().id;
        rows = rows.subspan(count);
    }
}

Result<void> insert(mysql::Session& session, std::span<const OutboxRow> rows, const Claim& claim) {
    CHECK(!claim.owner.empty() && claim.owner.size() <= 64, "the owner of a claim fits its column");
    while (!rows.empty()) {
        // A statement ends with a whole bundle.
        std::size_t count = rows_that_fit(rows, kRowsPerStatement, kBytesPerStatement);
        count += size_of_bundle(rows.subspan(count - 1)) - 1;
        if (auto stored = session.execute(insert_statement(rows.first(count), claim)); !stored) {
            return fail(std::move(stored.error()));
        }
        rows = rows.subspan(count);
    }
    return {};
}

std::vector<std::string_view> table_statements() {
    return {kOutboxTable, kInboxTable};
}

}  // namespace platform::outbox
