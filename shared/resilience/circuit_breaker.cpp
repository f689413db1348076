#include "shared/resilience/circuit_breaker.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <utility>

namespace platform::resilience {
namespace {

double percent(int part, int whole) {
    return 100.0 * part / whole;
}

Interval::Options open_waits(const CircuitBreaker::Options& options) {
    return {
        .initial = options.wait_duration_in_open_state,
        .exponential = options.enable_exponential_backoff,
        .multiplier = options.exponential_backoff_multiplier,
        .ceiling = options.exponential_max_wait_duration_in_open_state,
        .randomized = options.enable_randomized_wait,
        .factor = options.randomized_wait_factor,
    };
}

}  // namespace

CircuitBreaker::CircuitBreaker(std::string name, Options options, const Clock& clock)
    : name_(std::move(name)),
      options_(options),
      clock_(clock),
      window_(options.sliding_window_type, options.sliding_window_size),
      open_waits_(open_waits(options)) {
    CHECK(options.sliding_window_size > 0, "a window holds at least one call");
    CHECK(
        options.permitted_number_of_calls_in_half_open_state > 0,
        "a half-open breaker has to let a call through"
    );
    enter(options.initial_state);
}

bool CircuitBreaker::try_acquire() {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    if (state_ == State::Open && now - entered_at_ >= open_wait_) enter(State::HalfOpen);
    pass_time(now);
    switch (state_) {
        case State::Closed:
        case State::Disabled:
        case State::MetricsOnly:
            return true;
        case State::Open:
        case State::ForcedOpen:
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
    if (timers_) timers_->successful.record(took);
    finish(took, false);
}

void CircuitBreaker::failed(Duration took) {
    if (timers_) timers_->failed.record(took);
    finish(took, true);
}

void CircuitBreaker::ignored(Duration took) {
    if (timers_) timers_->ignored.record(took);
    const std::lock_guard lock(mutex_);
    if (state_ != State::HalfOpen) return;
    half_open_permits_ =
        std::min(half_open_permits_ + 1, options_.permitted_number_of_calls_in_half_open_state);
}

void CircuitBreaker::transition_to(State state) {
    const std::lock_guard lock(mutex_);
    enter(state);
}

void CircuitBreaker::finish(Duration took, bool failed) {
    const std::lock_guard lock(mutex_);
    if (state_ == State::Disabled) return;
    const Instant now = clock_.now();
    window_.record({.failed = failed, .slow = took > options_.slow_call_duration_threshold}, now);
    judge(now);
}

/// Decides on the state after a call. A call that ends while the breaker is open had begun before: it is
/// recorded and decides nothing.
void CircuitBreaker::judge(Instant now) {
    if (state_ != State::Closed && state_ != State::HalfOpen) return;
    const auto totals = window_.totals(now);
    if (totals.calls < needed_calls()) return;
    const bool bad = percent(totals.failed, totals.calls) >= options_.failure_rate_threshold ||
                     percent(totals.slow, totals.calls) >= options_.slow_call_rate_threshold;
    if (bad) {
        enter(State::Open);
    } else if (state_ == State::HalfOpen) {
        enter(State::Closed);
    }
}

/// A window of calls can hold no more than its size; one of seconds can.
int CircuitBreaker::needed_calls() const {
    const bool counted = window_.type() == SlidingWindow::Type::CountBased;
    return std::max(1, counted ? std::min(options_.minimum_number_of_calls, window_.size()) : options_.minimum_number_of_calls);
}

/// What a timer would have done by now.
void CircuitBreaker::pass_time(Instant now) {
    if (state_ == State::Open && options_.automatic_transition_from_open_to_half_open_enabled &&
        now - entered_at_ >= open_wait_) {
        enter(State::HalfOpen);
    }
    const Duration most = options_.max_wait_duration_in_half_open_state;
    if (state_ == State::HalfOpen && most > Duration::zero() && now - entered_at_ >= most) {
        enter(options_.transition_to_state_after_wait_duration);
    }
}

/// An open breaker keeps the window that opened it, for its metrics; the other states begin an empty one.
void CircuitBreaker::enter(State state) {
    state_ = state;
    entered_at_ = clock_.now();
    if (state == State::Open) {
        open_wait_ = open_waits_.of(++opened_in_a_row_);
        return;
    }
    if (state != State::HalfOpen) opened_in_a_row_ = 0;
    half_open_permits_ = state == State::HalfOpen ? options_.permitted_number_of_calls_in_half_open_state : 0;
    window_ = state == State::HalfOpen ? SlidingWindow(SlidingWindow::Type::CountBased, half_open_permits_)
                                       : SlidingWindow(options_.sliding_window_type, options_.sliding_window_size);
}

CircuitBreaker::Snapshot CircuitBreaker::snapshot() {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    pass_time(now);
    const auto totals = window_.totals(now);
    const bool enough = totals.calls >= needed_calls();
    const Duration left = entered_at_ + open_wait_ - now;
    return {
        .state = state_,
        .buffered_calls = totals.calls,
        .failed_calls = totals.failed,
        .slow_calls = totals.slow,
        .slow_failed_calls = totals.slow_failed,
        .failure_rate = enough ? percent(totals.failed, totals.calls) : -1.0,
        .slow_call_rate = enough ? percent(totals.slow, totals.calls) : -1.0,
        .not_permitted_calls = not_permitted_,
        .open_for = state_ == State::Open ? std::max(Duration::zero(), left) : Duration::zero(),
    };
}

const char* to_string(CircuitBreaker::State state) {
    switch (state) {
        case CircuitBreaker::State::Closed: return "CLOSED";
        case CircuitBreaker::State::Open: return "OPEN";
        case CircuitBreaker::State::HalfOpen: return "HALF_OPEN";
        case CircuitBreaker::State::ForcedOpen: return "FORCED_OPEN";
        case CircuitBreaker::State::Disabled: return "DISABLED";
        case CircuitBreaker::State::MetricsOnly: return "METRICS_ONLY";
    }
    return "UNKNOWN";
}

}  // namespace platform::resilience
