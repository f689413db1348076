#pragma once
#include "services/gateway/adapters/proxy.hpp"
#include "services/gateway/adapters/rate_limiter.hpp"
#include "services/gateway/adapters/route_queues.hpp"

#include <functional>
#include <thread>
#include <vector>

namespace platform::gateway {

/// The worker threads that carry requests: each with its own HTTP connections and its own way to Redis.
/// Thread-safe.
class ProxyPool {
public:
    using RouteOf = std::function<RouteState&(std::size_t)>;
    ProxyPool(int threads, RouteQueues& queues, Proxy& proxy, RateLimiter& limiter, RouteOf route);
    ~ProxyPool();
    ProxyPool(const ProxyPool&) = delete;
    ProxyPool& operator=(const ProxyPool&) = delete;

    /// Lets the running calls end, then answers 503 to what still waits. Idempotent; one thread.
    void stop();

private:
    void run(const std::stop_token& stop);

    RouteQueues& queues_;
    Proxy& proxy_;
    RateLimiter& limiter_;
    RouteOf route_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace platform::gateway
