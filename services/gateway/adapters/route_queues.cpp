#include "services/gateway/adapters/route_queues.hpp"

#include <utility>

namespace platform::gateway {

RouteQueues::RouteQueues(std::vector<Limits> routes) {
    for (const Limits& limits : routes) queues_.emplace_back(limits, std::deque<Job>{});
}

bool RouteQueues::push(std::size_t route, Job&& job) {
    {
        const std::lock_guard lock(mutex_);
        Queue& queue = queues_[route];
        if (queue.jobs.size() >= queue.limits.max_queue) return false;
        queue.jobs.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

std::optional<RouteQueues::Taken> RouteQueues::take(const std::stop_token& stop) {
    std::optional<Taken> taken;
    std::unique_lock lock(mutex_);
    if (stop.stop_requested()) return std::nullopt;  // even when there is work: it is answered by drain()
    if (!changed_.wait(lock, stop, [&] { return take_one(taken); })) return std::nullopt;
    return taken;
}

/// Called with the lock held.
bool RouteQueues::take_one(std::optional<Taken>& taken) {
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        const std::size_t route = (turn_ + i) % queues_.size();
        Queue& queue = queues_[route];
        if (queue.jobs.empty()) continue;
        auto permit = queue.limits.bulkhead.try_enter();
        if (!permit) continue;
        taken.emplace(Taken{.route = route, .job = std::move(queue.jobs.front()), .permit = std::move(permit)}
        );
        queue.jobs.pop_front();
        turn_ = route + 1;
        return true;
    }
    return false;
}

void RouteQueues::place_freed() {
    {
        const std::lock_guard lock(mutex_
        );  // a waiter is now either before its look at the queues, or asleep
    }
    changed_.notify_one();
}

std::vector<Job> RouteQueues::drain() {
    std::vector<Job> jobs;
    const std::lock_guard lock(mutex_);
    for (Queue& queue : queues_) {
        for (Job& job : queue.jobs) jobs.push_back(std::move(job));
        queue.jobs.clear();
    }
    return jobs;
}

std::size_t RouteQueues::waiting(std::size_t route) const {
    const std::lock_guard lock(mutex_);
    return queues_[route].jobs.size();
}

}  // namespace platform::gateway
