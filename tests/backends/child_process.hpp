#pragma once
#include "shared/core/clock.hpp"

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace platform::test {

/// A server that a test program runs. It dies with the thread that started it (PR_SET_PDEATHSIG), so start it
/// from the main thread, and at destruction. One thread.
class ChildProcess {
public:
    struct Command {
        std::vector<std::string> arguments;              ///< the first one is the program, looked up in PATH
        std::map<std::string, std::string> environment;  ///< besides what this process has
        std::filesystem::path log;  ///< receives standard output and standard error, appended
    };
    ChildProcess() = default;
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Throws std::runtime_error when it cannot be started. Needs that none runs.
    void start(const Command& command);
    [[nodiscard]] bool running();
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Sends SIGSTOP, and waits until all of it has stopped, or SIGCONT.
    void signal(int number) const;
    /// Sends SIGTERM and waits; SIGKILL when it takes longer than `patience`.
    void stop(Duration patience = std::chrono::seconds(30));
    void kill();
    /// Waits for the end and gives the exit code, or 128 + the signal's number.
    int wait();

private:
    pid_t pid_ = 0;  ///< 0 when none runs
};

/// The last lines of a log file, for messages of failed starts.
[[nodiscard]] std::string log_tail(const std::filesystem::path& log, std::size_t bytes = 4000);

/// The value of an environment variable, or `fallback`.
[[nodiscard]] std::string environment_or(const char* name, const std::string& fallback);

}  // namespace platform::test
