#pragma once
#include "shared/core/clock.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace platform {

/// Runs `step(now)` on a thread of its own until stopped. `step` gives how long to wait before the next call (0 = at once);
/// wake() ends a wait early. An exception that leaves `step` is logged as an error and stops the process (StopSignals::request).
/// Destruction stops and joins. Thread-safe.
class Worker {
public:
    using Step = std::function<Duration(Instant now)>;
    Worker(std::string name, const Clock& clock, Step step);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void wake();
    /// Lets the current step finish, then ends the thread. Idempotent.
    void stop();

private:
    void run(const std::stop_token& stop);

    std::string name_;
    const Clock& clock_;
    Step step_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    bool wake_requested_ = false;  // guarded by mutex_
    std::mutex joining_;           // held while one caller of stop() joins
    std::jthread thread_;          // last: starts when all of the above exists
};

}  // namespace platform
