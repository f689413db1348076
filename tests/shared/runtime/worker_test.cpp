#include "shared/runtime/worker.hpp"

#include "shared/runtime/stop_signals.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <optional>
#include <semaphore>
#include <stdexcept>

namespace platform {
namespace {

using namespace std::chrono_literals;

constexpr auto kLimit = 10s;  // for what should take no time at all

TEST(Worker, RunsItsStepAgainAtOnceWhenAskedTo) {
    const FakeClock clock;
    std::atomic<int> runs = 0;
    std::latch done(1);
    Worker worker("test", clock, [&](Instant now) -> Duration {
        EXPECT_EQ(now, clock.now());
        if (++runs < 5) return 0s;
        done.count_down();
        return 1h;
    });
    done.wait();
    worker.stop();
    EXPECT_EQ(runs, 5);
}

TEST(Worker, AWakeEndsTheWait) {
    const FakeClock clock;
    std::counting_semaphore<> ran(0);
    Worker worker("test", clock, [&](Instant) -> Duration {
        ran.release();
        return 1h;
    });
    ASSERT_TRUE(ran.try_acquire_for(kLimit));
    worker.wake();
    EXPECT_TRUE(ran.try_acquire_for(kLimit));
}

TEST(Worker, AWakeDuringTheStepIsNotLost) {
    const FakeClock clock;
    std::counting_semaphore<> entered(0);
    std::counting_semaphore<> go_on(0);
    Worker worker("test", clock, [&](Instant) -> Duration {
        entered.release();
        EXPECT_TRUE(go_on.try_acquire_for(kLimit));
        return 1h;
    });
    ASSERT_TRUE(entered.try_acquire_for(kLimit));
    worker.wake();
    go_on.release(2);
    EXPECT_TRUE(entered.try_acquire_for(kLimit));
}

TEST(Worker, AnEndlessPauseEndsWithTheWorker) {
    const FakeClock clock;
    std::latch ran(1);
    std::optional<Worker> worker(std::in_place, "test", clock, [&](Instant) -> Duration {
        ran.count_down();
        return Duration::max();
    });
    ran.wait();
    worker->stop();
    worker->stop();  // idempotent
    worker.reset();
}

TEST(Worker, StopLetsTheStepFinish) {
    const FakeClock clock;
    std::latch entered(1);
    std::counting_semaphore<> go_on(0);
    std::atomic<bool> finished = false;
    Worker worker("test", clock, [&](Instant) -> Duration {
        entered.count_down();
        EXPECT_TRUE(go_on.try_acquire_for(kLimit));
        finished = true;
        return 1h;
    });
    entered.wait();
    {
        const std::jthread stops([&] { worker.stop(); });
        const std::jthread stops_too([&] { worker.stop(); });
        go_on.release();
    }
    EXPECT_TRUE(finished);
}

TEST(Worker, AStepMayStopItsOwnWorker) {
    const FakeClock clock;
    std::atomic<Worker*> self = nullptr;
    std::atomic<int> runs_after_stop = 0;
    std::latch stopped(1);
    Worker worker("test", clock, [&](Instant) -> Duration {
        if (Worker* me = self.load(); me != nullptr) {
            if (stopped.try_wait()) {
                ++runs_after_stop;
            } else {
                me->stop();
                stopped.count_down();
            }
        }
        return 0s;
    });
    self = &worker;
    stopped.wait();
    worker.stop();
    EXPECT_EQ(runs_after_stop, 0);
}

TEST(Worker, AnExceptionAsksTheProcessToStop) {
    const StopSignals signals;  // blocks the signal that the worker sends
    const FakeClock clock;
    Worker worker("failing", clock, [](Instant) -> Duration {
        throw std::runtime_error("the step is broken");
    });
    EXPECT_EQ(signals.wait(), SIGTERM);
}

}  // namespace
}  // namespace platform
