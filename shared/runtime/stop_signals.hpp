#pragma once
#include <csignal>

namespace platform {

/// Blocks SIGTERM and SIGINT for this thread and all that it starts, and ignores SIGPIPE. Make it first in main.
class StopSignals {
public:
    StopSignals();
    /// Waits for one of the two and gives its number. request() from another thread ends the wait too.
    [[nodiscard]] int wait() const;
    /// Asks the process to stop, as SIGTERM would. Thread-safe.
    static void request();

private:
    sigset_t set_{};
};

}  // namespace platform
