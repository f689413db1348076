#include "shared/resilience/circuit_breaker.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <utility>

namespace platform::resilience {
namespace {

double percent(int part, int whole) {
    return 100.0 * part / whole;
}

}  // namespace

CircuitBreaker::CircuitBreaker(std::string name, Options options, const Clock& clock)
    : name_(std::move(name)), options_(options), clock_(clock) {
    CHECK(options.sliding_window_size > 0, "a window holds at least one call");
    CHECK(
        options.permitted_number_of_calls_in_half_open_state > 0,
        "a half-open breaker has to let a call through"
    );
    move_to(State::Closed);
}

bool CircuitBreaker::try_acquire() {
    const std::lock_guard lock(mutex_);
    if (state_ == State::Open && clock_.now() - opened_at_ >= options_.wait_duration_in_open_state) {
        move_to(State::HalfOpen);
    }
    switch (state_) {
        case State::Closed:
            return true;
        case State::Open:
            break;
        case State::HalfOpen:
            if (half_open_permits_ > 0) {
                --half_open_permits_;
                return true;
            }
            break;
    }
    ++not_permitted_;
    return false;
}

void CircuitBreaker::succeeded(Duration took) {
    finish(took, false);
}

void CircuitBreaker::failed(Duration took) {
    finish(took, true);
}

void CircuitBreaker::ignored() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::HalfOpen) return;
    half_open_permits_ =
        std::min(half_open_permits_ + 1, options_.permitted_number_of_calls_in_half_open_state);
}

void CircuitBreaker::finish(Duration took, bool failed) {
    const std::lock_guard lock(mutex_);
    record({.failed = failed, .slow = took > options_.slow_call_duration_threshold});
    judge();
}

void CircuitBreaker::record(Call call) {
    if (window_.size() < capacity_) {
        window_.push_back(call);
    } else {
        count(window_[next_], -1);
        window_[next_] = call;
    }
    next_ = (next_ + 1) % capacity_;
    count(call, 1);
}

void CircuitBreaker::count(Call call, int by) {
    if (call.failed) failed_ += by;
    if (call.slow) slow_ += by;
    if (call.failed && call.slow) slow_failed_ += by;
}

/// Decides on the state after a call. A call that ends while the breaker is open had begun before: it is
/// recorded and decides nothing.
void CircuitBreaker::judge() {
    const auto calls = static_cast<int>(window_.size());
    if (state_ == State::Open || calls < needed_calls()) return;
    const bool bad = percent(failed_, calls) >= options_.failure_rate_threshold ||
                     percent(slow_, calls) >= options_.slow_call_rate_threshold;
    if (bad) {
        move_to(State::Open);
    } else if (state_ == State::HalfOpen) {
        move_to(State::Closed);
    }
}

int CircuitBreaker::needed_calls() const {
    return std::max(1, std::min(options_.minimum_number_of_calls, static_cast<int>(capacity_)));
}

/// An open breaker keeps the window that opened it, for its metrics; the other states begin an empty one.
void CircuitBreaker::move_to(State state) {
    state_ = state;
    if (state == State::Open) {
        opened_at_ = clock_.now();
        return;
    }
    half_open_permits_ = state == State::HalfOpen ? options_.permitted_number_of_calls_in_half_open_state : 0;
    capacity_ = static_cast<std::size_t>(
        state == State::HalfOpen ? half_open_permits_ : options_.sliding_window_size
    );
    window_.clear();
    next_ = 0;
    failed_ = 0;
    slow_ = 0;
    slow_failed_ = 0;
}

CircuitBreaker::Snapshot CircuitBreaker::snapshot() const {
    const std::lock_guard lock(mutex_);
    const auto calls = static_cast<int>(window_.size());
    const bool enough = calls >= needed_calls();
    return {
        .state = state_,
        .buffered_calls = calls,
        .failed_calls = failed_,
        .slow_calls = slow_,
        .slow_failed_calls = slow_failed_,
        .failure_rate = enough ? percent(failed_, calls) : -1.0,
        .slow_call_rate = enough ? percent(slow_, calls) : -1.0,
        .not_permitted_calls = not_permitted_,
    };
}

}  // namespace platform::resilience
