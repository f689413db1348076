#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace platform::gateway::test {

/// Asks `condition` again and again until it holds. False when it does not hold within ten seconds.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
    using namespace std::chrono_literals;
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    for (int i = 0; i < 2000; ++i) {
        if (condition()) return true;
        never.wait_for(lock, 5ms, [] { return false; });
    }
    return condition();
}

}  // namespace platform::gateway::test
