#pragma once
#include "shared/core/clock.hpp"
#include "tests/simulation/random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace platform::simulation {

/// Time of the simulation. It moves only from one event to the next one. One thread.
class SimulatedClock final : public Clock {
public:
    explicit SimulatedClock(Duration wall_skew = Duration{0}) : skew_(wall_skew) {}
    [[nodiscard]] Instant now() const override { return Instant{std::chrono::hours(1) + passed_}; }
    [[nodiscard]] WallTime wall() const override;
    void set(Instant now) { passed_ = now - Instant{std::chrono::hours(1)}; }

private:
    Duration skew_;
    Duration passed_{0};
};

/// Events in the order of simulated time; those of one instant in an order that the seed decides. An event may run the
/// others for a while (run_for), which is how threads overlap at the places where they wait for somebody. One thread.
class Scheduler {
public:
    using Action = std::move_only_function<void()>;

    explicit Scheduler(Random& random) : random_(random) {}
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }
    /// A clock of a machine whose calendar time is wrong by `skew`; it has to live as long as the scheduler uses it.
    void drive(SimulatedClock& clock) { driven_.push_back(&clock); }
    void release(SimulatedClock& clock) { std::erase(driven_, &clock); }

    void at(Instant when, Action action);
    void after(Duration delay, Action action) { at(now() + delay, std::move(action)); }
    /// Runs what is due within `time`; at least that much time has passed then.
    void run_for(Duration time);
    /// Runs the next event. False when nothing is left or the run was ended.
    bool run_next(Instant limit = Instant::max());
    /// Nothing runs any more.
    void end() { ended_ = true; }
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    /// How many run_for() are under way.
    [[nodiscard]] int depth() const { return depth_; }

private:
    struct Entry {
        Instant when;
        std::uint64_t tie;
        std::size_t action;
        bool operator<(const Entry& other) const {  // the greatest comes first from a heap
            return when != other.when ? when > other.when : tie > other.tie;
        }
    };
    void set(Instant now);

    Random& random_;
    SimulatedClock clock_;
    std::vector<SimulatedClock*> driven_;
    std::vector<Entry> heap_;
    std::vector<Action> actions_;
    std::vector<std::size_t> free_;
    std::uint64_t steps_ = 0;
    int depth_ = 0;
    bool ended_ = false;
};

}  // namespace platform::simulation
