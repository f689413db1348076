#include "shared/http/shared_state.hpp"

namespace platform::http {

void SharedState::request_began() {
    in_flight.fetch_add(1);
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

bool SharedState::wait_until_quiet(Duration within) {
    std::unique_lock lock(mutex_);
    return quiet_.wait_for(lock, within, [this] { return in_flight == 0; });
}

}  // namespace platform::http
