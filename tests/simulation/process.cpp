#include "tests/simulation/process.hpp"

#include <utility>

namespace platform::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

Process::Process(
    Scheduler& scheduler, Random& random, const Faults& faults, std::string name, Duration wall_skew, Boot boot
)
    : scheduler_(scheduler),
      random_(random),
      faults_(faults),
      name_(std::move(name)),
      clock_(wall_skew),
      boot_(std::move(boot)) {
    clock_.set(scheduler.now());
    scheduler_.drive(clock_);
}

Process::~Process() {
    scheduler_.release(clock_);
}

void Process::start() {
    if (program_) return;
    ++life_;
    program_ = boot_(*this);
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        plan(i, scheduler_.now() + random_.between(milliseconds(1), milliseconds(100)));
    }
}

void Process::kill() {
    if (!program_ || doomed_) return;
    doomed_ = true;
    if (frames_ == 0) bury();
}

void Process::terminate() {
    if (!running()) return;
    if (frames_ > 0) return scheduler_.after(milliseconds(10), [this] { terminate(); });
    stopping_ = true;
    ++frames_;
    try {
        program_->stop();
    } catch (const Crash&) {
        doomed_ = true;
    }
    --frames_;
    bury();
}

void Process::bury() {
    program_.reset();
    threads_.clear();
    ++life_;
    doomed_ = false;
    stopping_ = false;
    frozen_until_ = {};
    scheduler_.after(random_.between(milliseconds(200), seconds(5)), [this] { start(); });
}

std::function<void()> Process::work(Step step) {
    threads_.push_back(std::make_unique<Thread>());
    threads_.back()->step = std::move(step);
    return [this, life = life_, index = threads_.size() - 1] { wake(life, index); };
}

void Process::plan(std::size_t index, Instant when) {
    Thread& thread = *threads_[index];
    thread.due = when;
    scheduler_.at(when, [this, life = life_, index, ticket = ++thread.ticket] { run(life, index, ticket); });
}

void Process::wake(std::uint64_t life, std::size_t index) {
    if (life != life_ || index >= threads_.size()) return;
    Thread& thread = *threads_[index];
    if (thread.busy) {
        thread.woken = true;
        return;
    }
    const Instant soon = scheduler_.now() + random_.between(microseconds(1), microseconds(100));
    if (thread.due > soon) plan(index, soon);
}

void Process::run(std::uint64_t life, std::size_t index, std::uint64_t ticket) {
    if (life != life_ || !running()) return;
    Thread& thread = *threads_[index];
    if (ticket != thread.ticket) return;
    if (scheduler_.now() < frozen_until_) return plan(index, frozen_until_);

    thread.busy = true;
    thread.due = Instant::max();
    ++frames_;
    Duration pause{0};
    try {
        pause = thread.step(scheduler_.now());
    } catch (const Crash&) {
        doomed_ = true;
    }
    --frames_;
    if (doomed_) {
        if (frames_ == 0) bury();
        return;
    }
    thread.busy = false;
    if (std::exchange(thread.woken, false)) pause = Duration{0};
    plan(index, scheduler_.now() + pause + random_.between(microseconds(1), microseconds(100)));
}

void Process::point() {
    constexpr int kDeepest = 12;
    if (doomed_) throw Crash{};
    if (frames_ == 0) return;  // being made
    if (random_.chance(faults_.crash)) {
        doomed_ = true;
        throw Crash{};
    }
    if (scheduler_.depth() < kDeepest) {
        if (random_.chance(faults_.stall)) {
            const Duration time = random_.between(milliseconds(1), faults_.longest_stall);
            if (random_.chance(0.5)) frozen_until_ = scheduler_.now() + time;
            scheduler_.run_for(time);
        } else if (random_.chance(faults_.interleave)) {
            scheduler_.run_for(random_.delay(faults_.network, faults_.worst_network));
        }
    }
    if (doomed_) throw Crash{};
}

}  // namespace platform::simulation
