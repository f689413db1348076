#pragma once
#include "shared/core/clock.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace platform::simulation {

/// Thrown by a port when its process dies there. Nothing of the product catches it.
struct Crash {};

/// What a process runs: the real parts of a service, made anew at every start and lost with every end.
class Program {
public:
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    virtual ~Program() = default;
    /// SIGTERM.
    virtual void stop() = 0;
};

/// One replica of a service: it starts, runs its threads' steps, dies at any call of a port, and starts again. One thread.
class Process {
public:
    using Boot = std::function<std::unique_ptr<Program>(Process&)>;
    using Step = std::function<Duration(Instant)>;

    Process(Scheduler& scheduler, Random& random, const Faults& faults, std::string name, Duration wall_skew, Boot boot);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void start();
    /// kill -9; it starts again after a while.
    void kill();
    /// SIGTERM; it starts again after a while.
    void terminate();
    [[nodiscard]] bool running() const { return program_ != nullptr && !doomed_ && !stopping_; }
    [[nodiscard]] Program* program() const { return program_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Differs from start to start.
    [[nodiscard]] std::uint64_t life() const { return life_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Scheduler& scheduler() const { return scheduler_; }

    /// A thread, for the program that is being made: `step` is called as a Worker does. Gives its wake().
    [[nodiscard]] std::function<void()> work(Step step);
    /// Every port of the process begins and ends with this: here others run, here it may die.
    void point();

private:
    struct Thread {
        Step step;
        std::uint64_t ticket = 0;  ///< of the call that is planned
        Instant due = Instant::max();
        bool busy = false;
        bool woken = false;
    };
    void plan(std::size_t index, Instant when);
    void wake(std::uint64_t life, std::size_t index);
    void run(std::uint64_t life, std::size_t index, std::uint64_t ticket);
    void bury();

    Scheduler& scheduler_;
    Random& random_;
    const Faults& faults_;
    std::string name_;
    SimulatedClock clock_;
    Boot boot_;
    std::uint64_t life_ = 0;
    int frames_ = 0;  ///< steps of this process that are under way
    bool doomed_ = false;
    bool stopping_ = false;
    Instant frozen_until_{};
    std::vector<std::unique_ptr<Thread>> threads_;
    std::unique_ptr<Program> program_;
};

}  // namespace platform::simulation
