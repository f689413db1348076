#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace platform::resilience {

/// Resilience4j's circuit breaker with a count-based window. Defaults are Resilience4j's. Thread-safe.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { Closed, Open, HalfOpen };
    struct Options {
        int sliding_window_size = 100;
        int minimum_number_of_calls = 100;
        double failure_rate_threshold = 50.0;    ///< percent
        double slow_call_rate_threshold = 100.0;  ///< percent
        Duration slow_call_duration_threshold = std::chrono::seconds(60);
        Duration wait_duration_in_open_state = std::chrono::seconds(60);
        int permitted_number_of_calls_in_half_open_state = 10;
    };
    CircuitBreaker(std::string name, Options options, const Clock& clock);

    /// True when a call may go out; each true is followed by exactly one of succeeded(), failed() or ignored().
    [[nodiscard]] bool try_acquire();
    void succeeded(Duration took);
    void failed(Duration took);
    void ignored();

    struct Snapshot {
        State state = State::Closed;
        int buffered_calls = 0;
        int failed_calls = 0;
        int slow_calls = 0;
        int slow_failed_calls = 0;
        double failure_rate = -1.0;    ///< percent; -1 below the minimum number of calls
        double slow_call_rate = -1.0;  ///< percent; -1 below the minimum number of calls
        std::uint64_t not_permitted_calls = 0;
    };
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    struct Call {
        bool failed = false;
        bool slow = false;
    };
    void finish(Duration took, bool failed);
    void record(Call call);
    void count(Call call, int by);
    void move_to(State state);
    void judge();
    [[nodiscard]] int needed_calls() const;

    const std::string name_;
    const Options options_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    State state_ = State::Closed;       // all below guarded by mutex_
    std::vector<Call> window_;  // a ring of at most capacity_ calls
    std::size_t capacity_ = 0;
    std::size_t next_ = 0;
    int failed_ = 0;
    int slow_ = 0;
    int slow_failed_ = 0;
    int half_open_permits_ = 0;
    Instant opened_at_{};
    std::uint64_t not_permitted_ = 0;
};

}  // namespace platform::resilience
