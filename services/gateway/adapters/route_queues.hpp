#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/server.hpp"
#include "shared/resilience/bulkhead.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace platform::gateway {

/// A request that waits for a worker.
struct Job {
    http::Request request;
    http::Responder responder;
    Instant received{};
};

/// One bounded queue a route in front of all workers. A worker takes from the routes in turn, and only from
/// one whose bulkhead has a place: a slow service fills its own queue and never all workers. Thread-safe.
class RouteQueues {
public:
    struct Limits {
        resilience::Bulkhead& bulkhead;
        std::size_t max_queue;
    };
    explicit RouteQueues(std::vector<Limits> routes);

    /// Moves from `job` only when there is room; else gives false and leaves it whole.
    [[nodiscard]] bool push(std::size_t route, Job&& job);

    struct Taken {
        std::size_t route = 0;
        Job job;
        resilience::Bulkhead::Permit permit;
    };
    /// Waits for work. Nothing once `stop` was asked for.
    [[nodiscard]] std::optional<Taken> take(const std::stop_token& stop);
    /// Call after a permit has been given back: a job may have waited for its place.
    void place_freed();

    /// Takes everything that waits, for answering it at the end.
    [[nodiscard]] std::vector<Job> drain();
    [[nodiscard]] std::size_t waiting(std::size_t route) const;

private:
    struct Queue {
        Limits limits;
        std::deque<Job> jobs;
    };
    [[nodiscard]] bool take_one(std::optional<Taken>& taken);

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Queue> queues_;  // guarded by mutex_; never grows once made
    std::size_t turn_ = 0;      // guarded by mutex_
};

}  // namespace platform::gateway
