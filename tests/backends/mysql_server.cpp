#include "tests/backends/mysql_server.hpp"

#include "tests/backends/wait.hpp"

#include <stdexcept>

namespace platform::test {
namespace {

constexpr Duration kStartLimit = std::chrono::seconds(90);
constexpr const char* kPassword = "correct horse";

std::vector<std::string> command_line(const std::filesystem::path& data) {
    return {
        environment_or("MYSQLD", "mysqld"),
        "--no-defaults",
        "--user=root",
        "--datadir=" + data.string(),
        "--performance-schema=OFF",
        "--innodb-buffer-pool-size=32M",
        "--innodb-redo-log-capacity=32M",
        "--secure-file-priv=NULL",
    };
}

void initialise(const std::filesystem::path& data) {
    auto arguments = command_line(data);
    arguments.emplace_back("--initialize-insecure");
    const std::filesystem::path log = data.string() + ".log";
    ChildProcess process;
    process.start({.arguments = arguments, .environment = {}, .log = log});
    if (process.wait() != 0)
        throw std::runtime_error("mysqld --initialize-insecure failed:\n" + log_tail(log));
}

}  // namespace

MysqlServer& MysqlServer::instance() {
    static MysqlServer server;
    return server;
}

MysqlServer::MysqlServer() : directory_("mysql"), port_(free_port()) {
    copy_of_template("mysql", directory_.path() / "data", initialise);
    std::filesystem::remove(directory_.path() / "data" / "auto.cnf");  // each server has a UUID of its own
    start();
    run(std::string("CREATE USER IF NOT EXISTS tester@'%' IDENTIFIED BY '") + kPassword + "'");
    run("GRANT ALL ON *.* TO tester@'%' WITH GRANT OPTION");
}

mysql::Options MysqlServer::root() const {
    mysql::Options options;
    options.port = port_;
    options.user = "root";
    return options;
}

void MysqlServer::run(const std::string& statement) const {
    auto session = mysql::Session::connect(root());
    if (!session) throw std::runtime_error("mysqld cannot be reached: " + session.error().what);
    auto done = (*session)->execute(mysql::Sql(statement));
    if (!done) throw std::runtime_error(statement + ": " + done.error().what);
}

mysql::Options MysqlServer::fresh_database() {
    mysql::Options options = root();
    options.user = "tester";
    options.password = kPassword;
    options.database = "test_" + std::to_string(++databases_);
    run("CREATE DATABASE " + options.database + " CHARACTER SET utf8mb4");
    return options;
}

mysql::Options
MysqlServer::user_of(const mysql::Options& database, const std::string& user, const std::string& rights) {
    run("CREATE USER IF NOT EXISTS " + user + "@'%' IDENTIFIED BY '" + kPassword + "'");
    run("GRANT " + rights + " ON " + database.database + ".* TO " + user + "@'%'");
    mysql::Options options = database;
    options.user = user;
    options.password = kPassword;
    return options;
}

void MysqlServer::start() {
    auto arguments = command_line(directory_.path() / "data");
    for (const std::string& argument :
         {"--port=" + std::to_string(port_),
          std::string("--bind-address=127.0.0.1,127.0.0.2"),  // a second one, since the client library trusts the first without a name
          std::string("--mysqlx=OFF"),
          "--socket=" + (directory_.path() / "sock").string(),
          "--pid-file=" + (directory_.path() / "pid").string()}) {
        arguments.push_back(argument);
    }
    process_.start({.arguments = arguments, .environment = {}, .log = log()});
    // The superuser is root@localhost, so the server has to resolve names: no --skip-name-resolve.
    bool answers = false;
    std::string why = "it ended";
    const bool over = wait_until(
        [&] {
            if (!process_.running()) return true;
            if (!port_answers(port_)) return false;
            const auto session = mysql::Session::connect(root());
            answers = session.has_value();
            if (!answers) why = session.error().what;
            return answers || session.error().kind == ErrorKind::Denied;
        },
        kStartLimit
    );
    if (!over || !answers) throw std::runtime_error("mysqld did not start: " + why + "\n" + log_tail(log()));
}

void MysqlServer::stop() {
    process_.stop();
}

void MysqlServer::restart() {
    stop();
    start();
}

void MysqlServer::kill() {
    process_.kill();
}

}  // namespace platform::test
