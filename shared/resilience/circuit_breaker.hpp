#pragma once
#include "shared/core/clock.hpp"
#include "shared/resilience/interval.hpp"
#include "shared/resilience/sliding_window.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace platform::resilience {

/// Resilience4j's circuit breaker: its states, property names, defaults and transitions. Time moves it when it is asked, so that no thread is needed: with
/// `automatic_transition...` a look at it is enough to see it half-open, as the timer of the original would have made it. Thread-safe.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { Closed, Open, HalfOpen, ForcedOpen, Disabled, MetricsOnly };
    struct Options {
        SlidingWindow::Type sliding_window_type = SlidingWindow::Type::CountBased;
        int sliding_window_size = 100;  ///< calls, or seconds
        int minimum_number_of_calls = 100;
        double failure_rate_threshold = 50.0;    ///< percent
        double slow_call_rate_threshold = 100.0;  ///< percent
        Duration slow_call_duration_threshold = std::chrono::seconds(60);
        Duration wait_duration_in_open_state = std::chrono::seconds(60);
        bool enable_exponential_backoff = false;  ///< longer each time it opens again without having been closed
        double exponential_backoff_multiplier = 1.5;
        std::optional<Duration> exponential_max_wait_duration_in_open_state{};
        bool enable_randomized_wait = false;
        double randomized_wait_factor = 0.5;
        int permitted_number_of_calls_in_half_open_state = 10;
        Duration max_wait_duration_in_half_open_state{0};  ///< 0 = without end
        State transition_to_state_after_wait_duration = State::Open;
        bool automatic_transition_from_open_to_half_open_enabled = false;
        State initial_state = State::Closed;
        bool register_health_indicator = false;
        bool allow_health_indicator_to_fail = false;
    };
    CircuitBreaker(std::string name, Options options, const Clock& clock);

    /// True when a call may go out; each true is followed by exactly one of succeeded(), failed() or ignored().
    [[nodiscard]] bool try_acquire();
    void succeeded(Duration took);
    void failed(Duration took);
    void ignored(Duration took = Duration::zero());

    /// What operators do by hand. Starts the state afresh, also when it is in it already.
    void transition_to(State state);

    struct Snapshot {
        State state = State::Closed;
        int buffered_calls = 0;
        int failed_calls = 0;
        int slow_calls = 0;
        int slow_failed_calls = 0;
        double failure_rate = -1.0;    ///< percent; -1 below the minimum number of calls
        double slow_call_rate = -1.0;  ///< percent; -1 below the minimum number of calls
        std::uint64_t not_permitted_calls = 0;
        Duration open_for{0};  ///< until the next call may be tried; 0 unless open
    };
    [[nodiscard]] Snapshot snapshot();
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Options& options() const { return options_; }

    /// Where the time of calls goes; set by publish(), before the first call.
    struct Timers {
        metrics::Timer successful;
        metrics::Timer failed;
        metrics::Timer ignored;
    };
    void set_timers(Timers timers) { timers_ = timers; }

private:
    void finish(Duration took, bool failed);
    void enter(State state);
    void pass_time(Instant now);
    void judge(Instant now);
    [[nodiscard]] int needed_calls() const;

    const std::string name_;
    const Options options_;
    const Clock& clock_;
    std::optional<Timers> timers_;
    std::mutex mutex_;
    State state_ = State::Closed;  // all below guarded by mutex_
    SlidingWindow window_;
    Interval open_waits_;
    int half_open_permits_ = 0;
    int opened_in_a_row_ = 0;
    Instant entered_at_{};
    Duration open_wait_{};
    std::uint64_t not_permitted_ = 0;
};

/// "CLOSED", "HALF_OPEN", ...
[[nodiscard]] const char* to_string(CircuitBreaker::State state);

}  // namespace platform::resilience
