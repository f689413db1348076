#include "shared/http/shared_state.hpp"

#include <algorithm>
#include <cstdint>

namespace platform::http {

void SharedState::request_began() {
    in_flight.fetch_add(1);
    began.fetch_add(1);
    metrics.request_began();
}

void SharedState::request_ended() {
    metrics.request_ended();
    if (in_flight.fetch_sub(1) != 1 || !draining) return;
    // The lock keeps a waiter from missing the moment between its look and its wait.
    const std::lock_guard lock(mutex_);
    quiet_.notify_all();
}

void SharedState::wait_for_answers() const {
    for (int count = answering_; count != 0; count = answering_) answering_.wait(count);
}

bool SharedState::wait_until_quiet(Duration within, Duration silence) {
    const Instant end = clock.now() + within;
    const auto left = [&] { return std::max(Duration::zero(), end - clock.now()); };
    std::unique_lock lock(mutex_);
    while (quiet_.wait_for(lock, left(), [this] { return in_flight == 0; })) {
        const std::uint64_t before = began;
        const bool in_time = left() >= silence;
        const bool asked = quiet_.wait_for(lock, std::min(left(), silence), [&] { return began != before; });
        if (!asked) return in_time;
    }
    return false;
}

}  // namespace platform::http
