#include "shared/resilience/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace platform::resilience {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

constexpr CircuitBreaker::Options kSmall{
    .sliding_window_size = 10,
    .minimum_number_of_calls = 4,
    .failure_rate_threshold = 50.0,
    .slow_call_rate_threshold = 100.0,
    .slow_call_duration_threshold = 2s,
    .wait_duration_in_open_state = 10s,
    .permitted_number_of_calls_in_half_open_state = 3,
};

class CircuitBreakerTest : public testing::Test {
protected:
    void call(bool good, Duration took = 1ms) {
        ASSERT_TRUE(breaker_.try_acquire());
        good ? breaker_.succeeded(took) : breaker_.failed(took);
    }
    void open() {
        for (int i = 0; i < 4; ++i) call(false);
        ASSERT_EQ(state(), State::Open);
    }
    void half_open() {
        open();
        clock_.advance(10s);
    }
    State state() { return breaker_.snapshot().state; }

    FakeClock clock_;
    CircuitBreaker breaker_{"orders", kSmall, clock_};
};

TEST_F(CircuitBreakerTest, StaysClosedBelowTheMinimumOfCalls) {
    for (int i = 0; i < 3; ++i) call(false);
    EXPECT_EQ(state(), State::Closed);
    EXPECT_EQ(breaker_.snapshot().failure_rate, -1.0);
    call(false);
    EXPECT_EQ(state(), State::Open);
    EXPECT_EQ(breaker_.snapshot().failure_rate, 100.0);
}

TEST_F(CircuitBreakerTest, OpensAtTheThresholdNotBelow) {
    for (const bool good : {true, true, true, false}) call(good);
    EXPECT_EQ(state(), State::Closed) << "25 %";
    call(false);
    EXPECT_EQ(state(), State::Closed) << "40 %";
    call(false);
    EXPECT_EQ(state(), State::Open) << "50 %";
}

TEST_F(CircuitBreakerTest, ForgetsCallsThatLeftTheWindow) {
    for (int i = 0; i < 3; ++i) call(true);
    for (int i = 0; i < 2; ++i) call(false);
    for (int i = 0; i < 10; ++i) call(true);
    EXPECT_EQ(breaker_.snapshot().failed_calls, 0);
    EXPECT_EQ(breaker_.snapshot().buffered_calls, 10);
    for (int i = 0; i < 4; ++i) call(false);
    EXPECT_EQ(state(), State::Closed);
    call(false);
    EXPECT_EQ(state(), State::Open);
}

TEST_F(CircuitBreakerTest, OpenRefusesUntilItsTimeHasPassed) {
    open();
    EXPECT_FALSE(breaker_.try_acquire());
    clock_.advance(9'999ms);
    EXPECT_FALSE(breaker_.try_acquire());
    EXPECT_EQ(breaker_.snapshot().not_permitted_calls, 2U);
    clock_.advance(1ms);
    EXPECT_EQ(state(), State::Open) << "a call moves it, not the clock";
    EXPECT_TRUE(breaker_.try_acquire());
    EXPECT_EQ(state(), State::HalfOpen);
}

TEST_F(CircuitBreakerTest, HalfOpenLetsAFewThroughAndHeals) {
    half_open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(breaker_.try_acquire());
    EXPECT_FALSE(breaker_.try_acquire());
    breaker_.succeeded(1ms);
    breaker_.failed(1ms);
    EXPECT_EQ(state(), State::HalfOpen);
    EXPECT_FALSE(breaker_.try_acquire()) << "places are not given twice";
    breaker_.succeeded(1ms);
    EXPECT_EQ(state(), State::Closed);
    EXPECT_EQ(breaker_.snapshot().buffered_calls, 0);
}

TEST_F(CircuitBreakerTest, HalfOpenFallsBackAndWaitsAgain) {
    half_open();
    for (int i = 0; i < 3; ++i) call(false);
    EXPECT_EQ(state(), State::Open);
    clock_.advance(9s);
    EXPECT_FALSE(breaker_.try_acquire());
    clock_.advance(1s);
    EXPECT_TRUE(breaker_.try_acquire());
}

TEST_F(CircuitBreakerTest, AnIgnoredCallGivesItsPlaceBack) {
    half_open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(breaker_.try_acquire());
    breaker_.ignored();
    EXPECT_TRUE(breaker_.try_acquire());
    EXPECT_FALSE(breaker_.try_acquire());
    EXPECT_EQ(breaker_.snapshot().buffered_calls, 0);
}

TEST_F(CircuitBreakerTest, SlowCallsCountAsWell) {
    for (int i = 0; i < 3; ++i) call(true, 3s);
    EXPECT_EQ(state(), State::Closed);
    call(true, 3s);
    EXPECT_EQ(state(), State::Open);
    EXPECT_EQ(breaker_.snapshot().slow_call_rate, 100.0);
    EXPECT_EQ(breaker_.snapshot().failed_calls, 0);
}

TEST_F(CircuitBreakerTest, ACallThatEndsLateDecidesNothingWhileOpen) {
    ASSERT_TRUE(breaker_.try_acquire());
    ASSERT_TRUE(breaker_.try_acquire());
    open();
    breaker_.succeeded(1ms);
    breaker_.failed(1ms);
    EXPECT_EQ(state(), State::Open);
    EXPECT_EQ(breaker_.snapshot().buffered_calls, 6);
}

TEST(CircuitBreakerDefaults, AreResilience4js) {
    const CircuitBreaker::Options options;
    EXPECT_EQ(options.sliding_window_size, 100);
    EXPECT_EQ(options.minimum_number_of_calls, 100);
    EXPECT_EQ(options.failure_rate_threshold, 50.0);
    EXPECT_EQ(options.slow_call_rate_threshold, 100.0);
    EXPECT_EQ(options.slow_call_duration_threshold, 60s);
    EXPECT_EQ(options.wait_duration_in_open_state, 60s);
    EXPECT_EQ(options.permitted_number_of_calls_in_half_open_state, 10);
}

TEST(CircuitBreakerDefaults, AMinimumAboveTheWindowMeansTheWindow) {
    const FakeClock clock;
    CircuitBreaker breaker("x", {.sliding_window_size = 5, .minimum_number_of_calls = 100}, clock);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
    }
    EXPECT_EQ(breaker.snapshot().state, State::Open);
}

/// The rules of Resilience4j once more, written for clarity: a list of calls, everything counted anew each
/// time.
class Model {
public:
    explicit Model(const CircuitBreaker::Options& options) : options_(options) {}

    bool acquire(Instant now) {
        if (state == State::Open && now - opened_at_ >= options_.wait_duration_in_open_state)
            enter(State::HalfOpen, now);
        if (state == State::Open) return false;
        if (state == State::Closed) return true;
        if (permits_ == 0) return false;
        --permits_;
        return true;
    }
    void done(bool failed, bool slow, Instant now) {
        calls.emplace_back(failed, slow);
        if (calls.size() > limit()) calls.pop_front();
        if (state == State::Open || calls.size() < needed()) return;
        const bool bad = rate(&Call::first) >= options_.failure_rate_threshold ||
                         rate(&Call::second) >= options_.slow_call_rate_threshold;
        if (bad) {
            enter(State::Open, now);
        } else if (state == State::HalfOpen) {
            enter(State::Closed, now);
        }
    }
    void ignored() {
        if (state == State::HalfOpen)
            permits_ = std::min(permits_ + 1, options_.permitted_number_of_calls_in_half_open_state);
    }

    using Call = std::pair<bool, bool>;  // failed, slow
    State state = State::Closed;
    std::deque<Call> calls;

private:
    std::size_t limit() const {
        return static_cast<std::size_t>(
            half_open_window_ ? options_.permitted_number_of_calls_in_half_open_state
                              : options_.sliding_window_size
        );
    }
    std::size_t needed() const {
        return std::min(static_cast<std::size_t>(options_.minimum_number_of_calls), limit());
    }
    double rate(bool Call::* kind) const {
        return 100.0 * static_cast<double>(std::ranges::count(calls, true, kind)) /
               static_cast<double>(calls.size());
    }
    void enter(State next, Instant now) {
        state = next;
        if (next == State::Open) {
            opened_at_ = now;
            return;
        }
        calls.clear();
        half_open_window_ = next == State::HalfOpen;
        permits_ = options_.permitted_number_of_calls_in_half_open_state;
    }

    CircuitBreaker::Options options_;
    Instant opened_at_{};
    bool half_open_window_ = false;
    int permits_ = 0;
};

TEST(CircuitBreakerProperty, BehavesAsTheModelWhateverHappens) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        const auto upto = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
        const CircuitBreaker::Options options{
            .sliding_window_size = 1 + upto(12),
            .minimum_number_of_calls = 1 + upto(15),
            .failure_rate_threshold = 10.0 * (1 + upto(10)),
            .slow_call_rate_threshold = 10.0 * (1 + upto(10)),
            .slow_call_duration_threshold = 1s,
            .wait_duration_in_open_state = std::chrono::seconds(upto(10)),
            .permitted_number_of_calls_in_half_open_state = 1 + upto(5),
        };
        FakeClock clock;
        CircuitBreaker breaker("x", options, clock);
        Model model(options);
        int running = 0;
        std::uint64_t refused = 0;
        for (int step = 0; step < 2000; ++step) {
            const int action = upto(10);
            if (action < 5) {
                const bool expected = model.acquire(clock.now());
                ASSERT_EQ(breaker.try_acquire(), expected) << "step " << step;
                expected ? static_cast<void>(++running) : static_cast<void>(++refused);
            } else if (action < 9 && running > 0) {
                --running;
                const bool slow = upto(4) == 0;
                const bool failed = upto(3) == 0;
                const Duration took = slow ? 2s : 1ms;
                if (upto(8) == 0) {
                    breaker.ignored();
                    model.ignored();
                } else {
                    failed ? breaker.failed(took) : breaker.succeeded(took);
                    model.done(failed, slow, clock.now());
                }
            } else {
                clock.advance(std::chrono::milliseconds(upto(4000)));
            }
            const auto snapshot = breaker.snapshot();
            ASSERT_EQ(snapshot.state, model.state) << "step " << step;
            ASSERT_EQ(static_cast<std::size_t>(snapshot.buffered_calls), model.calls.size())
                << "step " << step;
            ASSERT_EQ(snapshot.failed_calls, std::ranges::count(model.calls, true, &Model::Call::first));
            ASSERT_EQ(snapshot.slow_calls, std::ranges::count(model.calls, true, &Model::Call::second));
            ASSERT_EQ(snapshot.slow_failed_calls, std::ranges::count(model.calls, Model::Call(true, true)));
            ASSERT_EQ(snapshot.not_permitted_calls, refused);
        }
    }
}

TEST(CircuitBreakerThreads, CountsEveryCall) {
    const SystemClock clock;
    CircuitBreaker breaker("x", {.sliding_window_size = 100'000, .minimum_number_of_calls = 100'000}, clock);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 5000; ++n) {
                    ASSERT_TRUE(breaker.try_acquire());
                    n % 4 == 0 ? breaker.failed(1ms) : breaker.succeeded(1ms);
                }
            });
        }
    }
    EXPECT_EQ(breaker.snapshot().buffered_calls, 20'000);
    EXPECT_EQ(breaker.snapshot().failed_calls, 5'000);
}

/// A breaker of two calls with further properties.
class CircuitBreakerStates : public testing::Test {
protected:
    CircuitBreaker make(void (*change)(CircuitBreaker::Options&) = [](CircuitBreaker::Options&) {}) {
        CircuitBreaker::Options options{
            .sliding_window_size = 2,
            .minimum_number_of_calls = 2,
            .wait_duration_in_open_state = 10s,
            .permitted_number_of_calls_in_half_open_state = 1,
        };
        change(options);
        return CircuitBreaker("states", options, clock_);
    }
    void fail_twice(CircuitBreaker& breaker) {
        for (int i = 0; i < 2; ++i) {
            ASSERT_TRUE(breaker.try_acquire());
            breaker.failed(1ms);
        }
        ASSERT_EQ(breaker.snapshot().state, State::Open);
    }
    void fail_half_open(CircuitBreaker& breaker) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
        ASSERT_EQ(breaker.snapshot().state, State::Open);
    }
    FakeClock clock_;
};

TEST_F(CircuitBreakerStates, SaysHowLongItStaysOpen) {
    auto breaker = make();
    EXPECT_EQ(breaker.snapshot().open_for, 0s);
    fail_twice(breaker);
    clock_.advance(4s);
    EXPECT_EQ(breaker.snapshot().open_for, 6s);
}

TEST_F(CircuitBreakerStates, BecomesHalfOpenByItselfOnlyWhenToldTo) {
    auto waiting = make();
    auto automatic = make([](auto& options) { options.automatic_transition_from_open_to_half_open_enabled = true; });
    fail_twice(waiting);
    fail_twice(automatic);
    clock_.advance(10s);
    EXPECT_EQ(waiting.snapshot().state, State::Open) << "until a call comes";
    EXPECT_EQ(automatic.snapshot().state, State::HalfOpen);
}

TEST_F(CircuitBreakerStates, LeavesHalfOpenAfterItsLongestWait) {
    for (const State after : {State::Open, State::Closed}) {
        auto breaker = after == State::Open ? make([](auto& options) { options.max_wait_duration_in_half_open_state = 3s; })
                                            : make([](auto& options) {
                                                  options.max_wait_duration_in_half_open_state = 3s;
                                                  options.transition_to_state_after_wait_duration = State::Closed;
                                              });
        fail_twice(breaker);
        clock_.advance(10s);
        ASSERT_TRUE(breaker.try_acquire());
        clock_.advance(2999ms);
        EXPECT_EQ(breaker.snapshot().state, State::HalfOpen);
        clock_.advance(1ms);
        EXPECT_EQ(breaker.snapshot().state, after);
    }
}

TEST_F(CircuitBreakerStates, StaysOpenLongerEachTimeUntilItWasClosed) {
    auto breaker = make([](auto& options) {
        options.enable_exponential_backoff = true;
        options.exponential_backoff_multiplier = 2;
        options.exponential_max_wait_duration_in_open_state = 30s;
    });
    fail_twice(breaker);
    for (const Duration wait : {10s, 20s, 30s, 30s}) {
        EXPECT_EQ(breaker.snapshot().open_for, wait);
        clock_.advance(wait);
        fail_half_open(breaker);
    }
    clock_.advance(30s);
    ASSERT_TRUE(breaker.try_acquire());
    breaker.succeeded(1ms);
    fail_twice(breaker);
    EXPECT_EQ(breaker.snapshot().open_for, 10s);
}

TEST_F(CircuitBreakerStates, CanBeForcedOpenDisabledAndClosedByHand) {
    auto breaker = make();
    breaker.transition_to(State::ForcedOpen);
    clock_.advance(1h);
    EXPECT_FALSE(breaker.try_acquire());
    breaker.transition_to(State::Disabled);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
    }
    EXPECT_EQ(breaker.snapshot().buffered_calls, 0) << "nothing is recorded";
    breaker.transition_to(State::MetricsOnly);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
    }
    EXPECT_EQ(breaker.snapshot().failure_rate, 100);
    EXPECT_EQ(breaker.snapshot().state, State::MetricsOnly);
    breaker.transition_to(State::Closed);
    EXPECT_EQ(breaker.snapshot().buffered_calls, 0);
    fail_twice(breaker);
}

TEST_F(CircuitBreakerStates, AWindowOfTimeForgetsByTimeAndNeedsItsMinimumOfCalls) {
    auto breaker = make([](auto& options) {
        options.sliding_window_type = SlidingWindow::Type::TimeBased;
        options.minimum_number_of_calls = 5;  // more than the window has seconds
    });
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
    }
    EXPECT_EQ(breaker.snapshot().state, State::Closed);
    clock_.advance(2s);
    EXPECT_EQ(breaker.snapshot().buffered_calls, 0);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(breaker.try_acquire());
        breaker.failed(1ms);
    }
    EXPECT_EQ(breaker.snapshot().state, State::Open);
}

TEST_F(CircuitBreakerStates, BeginsInTheStateThatItIsTold) {
    auto breaker = make([](auto& options) { options.initial_state = State::Open; });
    EXPECT_FALSE(breaker.try_acquire());
    clock_.advance(10s);
    EXPECT_TRUE(breaker.try_acquire());
}

}  // namespace
}  // namespace platform::resilience
