#pragma once
#include "shared/mysql/session.hpp"
#include "tests/backends/child_process.hpp"
#include "tests/backends/template_directory.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

namespace platform::test {

/// One real mysqld of this test program, with the durable settings that MySQL has by default. It keeps its
/// port and its data over stop() and start(). Program: MYSQLD, default "mysqld". Call instance() first from
/// the main thread. A failed start throws with the end of the server's log.
class MysqlServer {
public:
    static MysqlServer& instance();

    /// A new empty database (utf8mb4) and a user who may do anything with it and with the server.
    [[nodiscard]] mysql::Options fresh_database();
    /// The superuser without a database.
    [[nodiscard]] mysql::Options root() const;
    /// Runs one statement as the superuser; throws when it fails.
    void run(const std::string& statement) const;
    /// A user with these rights on one database, as the operator makes one for each service; options to
    /// connect as that one.
    [[nodiscard]] mysql::Options
    user_of(const mysql::Options& database, const std::string& user, const std::string& rights);

    void start();
    void stop();
    void restart();
    /// As a power failure would: SIGKILL.
    void kill();
    /// Lets the server hang (SIGSTOP) and go on.
    void pause() { process_.signal(SIGSTOP); }
    void resume() { process_.signal(SIGCONT); }

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    MysqlServer();
    [[nodiscard]] std::filesystem::path log() const { return directory_.path() / "log"; }

    TemporaryDirectory directory_;
    std::uint16_t port_;
    std::atomic<int> databases_{0};
    ChildProcess process_;
};

}  // namespace platform::test
