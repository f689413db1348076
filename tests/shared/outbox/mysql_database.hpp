#pragma once
#include "shared/core/clock.hpp"
#include "shared/mysql/migrations.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/mysql_server.hpp"

#include <stdexcept>
#include <string>

namespace platform::outbox {

/// A fresh database with the tables outbox and inbox, and a pool for it. Its time passes by moving what is stored into the past.
class MysqlDatabase {
public:
    MysqlDatabase() {
        const std::vector<mysql::Migration> migrations{{.version = 1, .name = "tables", .statements = table_statements()}};
        auto session = pool.acquire();
        if (!session) throw std::runtime_error(session.error().what);
        auto done = mysql::migrate(**session, migrations);
        if (!done) throw std::runtime_error(done.error().what);
    }

    void pass(Duration time) {
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        execute(mysql::Sql(
            "UPDATE outbox SET claimed_until = claimed_until - INTERVAL ? MICROSECOND,"
            " created_at = created_at - INTERVAL ? MICROSECOND",
            micros,
            micros
        ));
        execute(mysql::Sql("UPDATE inbox SET handled_at = handled_at - INTERVAL ? MICROSECOND", micros));
    }
    void execute(const mysql::Sql& sql) {
        auto session = pool.acquire();
        if (!session) throw std::runtime_error(session.error().what);
        if (auto done = (*session)->execute(sql); !done) throw std::runtime_error(done.error().what);
    }
    [[nodiscard]] std::int64_t number(const std::string& query) {
        auto session = pool.acquire();
        return (*session)->query(mysql::Sql(query)).value().front().integer(0);
    }
    void insert(const std::vector<OutboxRow>& rows, const Claim& claim) {
        auto session = pool.acquire();
        auto transaction = mysql::Transaction::begin(**session).value();
        if (auto done = outbox::insert(**session, rows, claim); !done) throw std::runtime_error(done.error().what);
        if (auto done = transaction.commit(); !done) throw std::runtime_error(done.error().what);
    }

    SystemClock clock;
    metrics::Registry registry{"test"};
    mysql::Pool pool{"db", test::MysqlServer::instance().fresh_database(), clock, registry};
};

}  // namespace platform::outbox
