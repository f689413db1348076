#pragma once
#include "tests/backends/child_process.hpp"
#include "tests/backends/template_directory.hpp"

#include <cstdint>
#include <string>

namespace platform::test {

/// A real redis-server that keeps nothing on disk. Program: REDIS_SERVER, default "redis-server". Make it on
/// the main thread. A failed start throws with the end of the server's log.
class RedisServer {
public:
    /// The one of this test program.
    static RedisServer& instance();
    /// One more, for tests that need a password or stop it for good.
    explicit RedisServer(std::string password = "");

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void start();
    void stop();
    void kill();
    /// Lets the server hang (SIGSTOP) and go on.
    void pause();
    void resume();
    /// Sends one command line ("SCRIPT FLUSH") and gives the first line of the answer; throws when there is
    /// none.
    [[nodiscard]] std::string command(const std::string& line) const;

private:
    TemporaryDirectory directory_;
    std::string password_;
    std::uint16_t port_;
    ChildProcess process_;
};

}  // namespace platform::test
