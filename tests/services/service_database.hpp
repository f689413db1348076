#pragma once
#include "shared/core/clock.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/mysql/migrations.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/bundle_codec.hpp"
#include "shared/outbox/mysql_outbox_store.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/mysql_server.hpp"

#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace platform::test {

/// Takes every record and never tells what became of it, as while Kafka is away: rows stay in the outbox.
/// Thread-safe.
class SilentProducer final : public kafka::Producer {
public:
    void on_delivery(DeliveryListener /*listener*/) override {}
    Result<void> send(const kafka::OutgoingRecord& record, Token /*token*/) override {
        const std::scoped_lock lock(mutex_);
        taken_.push_back(record);
        return {};
    }
    void flush(Duration /*within*/) override {}
    [[nodiscard]] bool ready() const override { return true; }
    [[nodiscard]] std::vector<kafka::OutgoingRecord> taken() {
        const std::scoped_lock lock(mutex_);
        return taken_;
    }

private:
    std::mutex mutex_;
    std::vector<kafka::OutgoingRecord> taken_;  // guarded by mutex_
};

/// A fresh database with the tables of one service, a pool for it, and a relay that keeps its rows.
class ServiceDatabase {
public:
    explicit ServiceDatabase(const std::vector<mysql::Migration>& migrations) {
        auto session = pool.acquire();
        if (!session) throw std::runtime_error(session.error().what);
        auto done = mysql::migrate(**session, migrations);
        if (!done) throw std::runtime_error(done.error().what);
    }

    void execute(const mysql::Sql& sql) {
        auto session = pool.acquire();
        if (!session) throw std::runtime_error(session.error().what);
        if (auto done = (*session)->execute(sql); !done) throw std::runtime_error(done.error().what);
    }
    [[nodiscard]] mysql::Rows rows(const std::string& query) {
        auto session = pool.acquire();
        if (!session) throw std::runtime_error(session.error().what);
        return (*session)->query(mysql::Sql(query)).value();
    }
    [[nodiscard]] std::int64_t number(const std::string& query) { return rows(query).front().integer(0); }
    /// Rows that the server has read for whomever.
    [[nodiscard]] std::int64_t rows_read() { return rows("SHOW GLOBAL STATUS LIKE 'Innodb_rows_read'").front().integer(1); }

    /// The values in the outbox.
    [[nodiscard]] std::multiset<std::string> told() {
        std::multiset<std::string> values;
        for (const auto& row : rows("SELECT payload, topic FROM outbox")) {
            if (row.text(1) != outbox::kBundleTopic) {
                values.insert(row.text(0));
                continue;
            }
            const auto records = outbox::decode_bundle(row.text(0)).value();
            for (const auto& record : records) values.insert(record.record.value);
        }
        return values;
    }
    void empty_inbox() { execute(mysql::Sql("DELETE FROM inbox")); }
    /// Lets every transaction that has something to tell fail at its last statement, or no longer.
    void refuse_events(bool refuse) {
        execute(
            mysql::Sql(refuse ? "RENAME TABLE outbox TO outbox_away" : "RENAME TABLE outbox_away TO outbox")
        );
    }

    SystemClock clock;
    metrics::Registry registry{"test"};
    mysql::Options options = [] {
        auto fresh = MysqlServer::instance().fresh_database();
        fresh.pool_size = 16;
        return fresh;
    }();
    mysql::Pool pool{"db", options, clock, registry};
    std::unique_ptr<outbox::OutboxStore> outbox_store = outbox::make_mysql_outbox_store(pool);
    SilentProducer producer;
    outbox::Relay relay{
        {.claim = {.owner = "test", .lease = std::chrono::seconds(60)}},
        *outbox_store,
        producer,
        clock,
        registry
    };
};

/// The values of events as they stand in the outbox.
[[nodiscard]] inline std::multiset<std::string> encoded(const std::vector<events::Event>& told) {
    std::multiset<std::string> values;
    for (const auto& event : told) values.insert(events::encode(event));
    return values;
}

/// Text of exactly `characters` characters, up to four bytes each.
[[nodiscard]] inline std::string long_text(std::size_t characters) {
    static const std::vector<std::string> kSome{"a", "ß", "語", "🚚", "'", "\\", "?", "%"};
    std::string text;
    for (std::size_t i = 0; i < characters; ++i) text += kSome[i % kSome.size()];
    return text;
}

}  // namespace platform::test
