#include "shared/mysql/session.hpp"

#include "shared/core/check.hpp"
#include "shared/mysql/session_impl.hpp"

#include <cppconn/driver.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>

#include <mutex>
#include <utility>

namespace platform::mysql {
namespace {

Instant now() {
    static const SystemClock clock;
    return clock.now();
}

/// The connector's driver. Finding it is not thread-safe in the connector, hence the once-only initialisation
/// here.
sql::Driver& driver() {
    static sql::Driver* const instance = get_driver_instance();
    return *instance;
}

/// The client library wants to know each thread that uses it.
void enter_thread() {
    struct Guard {
        Guard() { driver().threadInit(); }
        ~Guard() { driver().threadEnd(); }
    };
    thread_local const Guard guard;
}

/// Whole seconds, rounded up, at least one: what the client library can count.
int whole_seconds(Duration duration) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
    return static_cast<int>(seconds < 1 ? 1 : seconds);
}

sql::ConnectOptionsMap connect_options(const Options& options) {
    sql::ConnectOptionsMap map;
    map["hostName"] = sql::SQLString(options.host);
    map["port"] = static_cast<int>(options.port);
    map["userName"] = sql::SQLString(options.user);
    map["password"] = sql::SQLString(options.password);
    if (!options.database.empty()) map["schema"] = sql::SQLString(options.database);
    map["OPT_CONNECT_TIMEOUT"] = whole_seconds(options.connect_timeout);
    map["OPT_READ_TIMEOUT"] = whole_seconds(options.read_timeout);
    map["OPT_WRITE_TIMEOUT"] = whole_seconds(options.read_timeout);
    map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    if (!options.tls_ca.empty()) {
        map["sslCA"] = sql::SQLString(options.tls_ca);
        map["sslEnforce"] = true;
        map["sslVerify"] = true;
    }
    return map;
}

/// Everything that a session differs in from the server's defaults, in one round trip.
std::string session_setup(const Options& options) {
    return "SET NAMES utf8mb4, time_zone = '+00:00', transaction_isolation = 'READ-COMMITTED', autocommit = "
           "1, "
           "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
           "NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', innodb_lock_wait_timeout = " +
           std::to_string(whole_seconds(options.lock_wait_timeout));
}

}  // namespace

Error Session::Impl::translate(const sql::SQLException& exception, Instant started) {
    last_error = exception.getErrorCode();
    const Meaning meaning = meaning_of(last_error);
    Error error{
        .kind = meaning.kind,
        .what = std::to_string(last_error) + " " + exception.what(),
        .outcome_unknown = false
    };
    if (meaning.connection_lost) {
        lost = true;
        // The client library says "lost" for a timeout of its own, too; only the time that passed tells them
        // apart.
        if (now() - started >= read_timeout) error.kind = ErrorKind::Timeout;
    }
    if (retryable(error.kind) && transaction == InTransaction::Yes) transaction = InTransaction::Doomed;
    return error;
}

Result<void> Session::Impl::may_run() const {
    if (lost) return fail(ErrorKind::Unavailable, "the connection is lost");
    if (transaction == InTransaction::Doomed)
        return fail(ErrorKind::Unavailable, "the transaction is rolled back");
    return {};
}

Result<std::uint64_t> Session::Impl::run(const std::string& text) {
    enter_thread();
    const Instant started = now();
    try {
        return static_cast<std::uint64_t>(statement->executeUpdate(text));
    } catch (const sql::SQLException& exception) {
        return fail(translate(exception, started));
    }
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Session::~Session() {
    enter_thread();
}

Result<std::unique_ptr<Session>> Session::connect(const Options& options) {
    enter_thread();
    auto impl = std::make_unique<Impl>();
    impl->read_timeout = options.connect_timeout;
    const Instant started = now();
    try {
        sql::ConnectOptionsMap map = connect_options(options);
        impl->connection.reset(driver().connect(map));
        impl->statement.reset(impl->connection->createStatement());
    } catch (const sql::SQLException& exception) {
        return fail(impl->translate(exception, started));
    }
    impl->read_timeout = options.read_timeout;
    if (auto done = impl->run(session_setup(options)); !done) return fail(std::move(done.error()));
    return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Result<std::uint64_t> Session::execute(const Sql& sql) {
    if (auto allowed = impl_->may_run(); !allowed) return fail(std::move(allowed.error()));
    return impl_->run(sql.text());
}

Result<Rows> Session::query(const Sql& sql) {
    if (auto allowed = impl_->may_run(); !allowed) return fail(std::move(allowed.error()));
    enter_thread();
    const Instant started = now();
    try {
        const std::unique_ptr<sql::ResultSet> answer(impl_->statement->executeQuery(sql.text()));
        const unsigned columns = answer->getMetaData()->getColumnCount();
        Rows rows;
        rows.reserve(answer->rowsCount());
        while (answer->next()) {
            std::vector<std::optional<std::string>> cells(columns);
            for (unsigned column = 0; column < columns; ++column) {
                if (!answer->isNull(column + 1)) cells[column] = answer->getString(column + 1).asStdString();
            }
            rows.emplace_back(std::move(cells));
        }
        return rows;
    } catch (const sql::SQLException& exception) {
        return fail(impl_->translate(exception, started));
    }
}

bool Session::usable() const {
    return !impl_->lost;
}

}  // namespace platform::mysql
