#include "shared/telemetry/log_throttle.hpp"

#include <utility>

namespace platform::log {

Throttle::Throttle(int per_second, std::size_t max_messages)
    : per_second_(per_second), max_messages_(max_messages) {}

std::optional<std::uint64_t> Throttle::admit(std::string_view message, Instant now) {
    const std::lock_guard lock(mutex_);
    auto found = windows_.find(message);
    if (found == windows_.end()) {
        // Messages are constant sentences, so this bound is met only by a bug; forgetting costs no more than
        // some repeats.
        if (windows_.size() >= max_messages_) windows_.clear();
        found = windows_.emplace(std::string(message), Window{.start = now}).first;
    }
    Window& window = found->second;
    if (now - window.start >= std::chrono::seconds(1)) {
        window.start = now;
        window.written = 0;
    }
    if (window.written >= per_second_) {
        ++window.suppressed;
        return std::nullopt;
    }
    ++window.written;
    return std::exchange(window.suppressed, 0);
}

}  // namespace platform::log
