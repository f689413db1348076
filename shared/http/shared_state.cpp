#include "shared/http/shared_state.hpp"

#include <algorithm>
#include <chrono>
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
    const auto end = std::chrono::steady_clock::now() + within;
    std::unique_lock lock(mutex_);
    while (quiet_.wait_until(lock, end, [this] { return in_flight == 0; })) {
        const std::uint64_t before = began;
        const auto until = std::min(end, std::chrono::steady_clock::now() + silence);
        const bool asked = quiet_.wait_until(lock, until, [&] { return began != before; });
        if (!asked && until != end) return true;
        if (until == end) return false;
    }
    return false;
}

}  // namespace platform::http
