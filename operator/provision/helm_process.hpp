#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace platform::provision {

/// Runs one program at a time as a child in a process group of its own, with exactly the given environment.
/// Its output is kept up to a bound. run() is for one thread; interrupt() may be called from any.
class HelmProcess {
public:
    static constexpr std::size_t kMaxOutputBytes = 256 * 1024;

    HelmProcess(std::string program, Duration timeout) : program_(std::move(program)), timeout_(timeout) {}

    struct Finished {
        int exit_code = 0;  ///< 128 + signal when a signal ended it
        std::string output{};
        std::string errors{};
    };
    /// Errors: Timeout (it was killed), Unavailable (it cannot be started, or interrupt() was called).
    [[nodiscard]] Result<Finished> run(
        const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment,
        const std::string& input
    );

    /// Gives the child that runs `grace` to finish, then kills it; later calls of run() fail.
    void interrupt(Duration grace);

private:
    const std::string program_;
    const Duration timeout_;
    std::atomic<std::int64_t> grace_nanos_{-1};  ///< -1 = not interrupted
};

}  // namespace platform::provision
