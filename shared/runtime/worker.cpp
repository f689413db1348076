#include "shared/runtime/worker.hpp"

#include "shared/runtime/stop_signals.hpp"
#include "shared/telemetry/log.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace platform {

Worker::Worker(std::string name, const Clock& clock, Step step)
    : name_(std::move(name)),
      clock_(clock),
      step_(std::move(step)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Worker::~Worker() {
    stop();
}

void Worker::wake() {
    {
        const std::lock_guard lock(mutex_);
        wake_requested_ = true;
    }
    woken_.notify_one();
}

void Worker::stop() {
    thread_.request_stop();
    if (thread_.get_id() == std::this_thread::get_id()) return;  // called from the step itself
    const std::lock_guard lock(joining_);
    if (thread_.joinable()) thread_.join();
}

void Worker::run(const std::stop_token& stop) {
    constexpr std::size_t kLongestThreadName = 15;
    constexpr Duration kLongestWait = std::chrono::hours(1);  // a wait without end would overflow the clock
    pthread_setname_np(pthread_self(), name_.substr(0, kLongestThreadName).c_str());
    try {
        while (!stop.stop_requested()) {
            const Duration pause = std::min(step_(clock_.now()), kLongestWait);
            std::unique_lock lock(mutex_);
            if (pause > Duration::zero())
                woken_.wait_for(lock, stop, pause, [this] { return wake_requested_; });
            wake_requested_ = false;
        }
    } catch (const std::exception& e) {
        log::error("a worker failed; the process stops", {{"worker", name_}, {"why", e.what()}});
        StopSignals::request();
    } catch (...) {
        log::error(
            "a worker failed; the process stops", {{"worker", name_}, {"why", "not a std::exception"}}
        );
        StopSignals::request();
    }
}

}  // namespace platform
