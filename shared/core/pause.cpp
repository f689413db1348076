#include "shared/core/pause.hpp"

#include <condition_variable>
#include <mutex>

namespace platform {

void pause(Duration length, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, length, [] { return false; });
}

}  // namespace platform
