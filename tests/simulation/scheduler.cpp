#include "tests/simulation/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace platform::simulation {

WallTime SimulatedClock::wall() const {
    constexpr auto kStart = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
    return WallTime{kStart} + std::chrono::floor<std::chrono::microseconds>(passed_ + skew_);
}

void Scheduler::at(Instant when, Action action) {
    std::size_t place = actions_.size();
    if (free_.empty()) {
        actions_.push_back(std::move(action));
    } else {
        place = free_.back();
        free_.pop_back();
        actions_[place] = std::move(action);
    }
    heap_.push_back({.when = std::max(when, now()), .tie = random_.next(), .action = place});
    std::push_heap(heap_.begin(), heap_.end());
}

bool Scheduler::run_next(Instant limit) {
    if (ended_ || heap_.empty() || heap_.front().when > limit) return false;
    std::pop_heap(heap_.begin(), heap_.end());
    const Entry entry = heap_.back();
    heap_.pop_back();
    Action action = std::move(actions_[entry.action]);
    free_.push_back(entry.action);
    set(entry.when);
    ++steps_;
    action();
    return true;
}

void Scheduler::run_for(Duration time) {
    const Instant end = now() + time;
    ++depth_;
    while (run_next(end)) {}
    --depth_;
    if (!ended_) set(end);
}

void Scheduler::set(Instant now) {
    if (now <= clock_.now()) return;
    clock_.set(now);
    for (SimulatedClock* clock : driven_) clock->set(now);
}

}  // namespace platform::simulation
