#include "services/gateway/adapters/proxy_pool.hpp"

#include "shared/http/problem.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/telemetry/log.hpp"

#include <exception>
#include <utility>

namespace platform::gateway {

ProxyPool::ProxyPool(int threads, RouteQueues& queues, Proxy& proxy, RateLimiter& limiter, RouteOf route)
    : queues_(queues), proxy_(proxy), limiter_(limiter), route_(std::move(route)) {
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
    }
}

ProxyPool::~ProxyPool() {
    stop();
}

void ProxyPool::stop() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();  // joins
    for (Job& job : queues_.drain())
        job.responder.send(http::to_problem(Error{.kind = ErrorKind::Unavailable, .what = {}}));
}

void ProxyPool::run(const std::stop_token& stop) try {
    Proxy::Caller caller{.client = {}, .limit = limiter_.session(), .stop = stop};
    while (auto taken = queues_.take(stop)) {
        proxy_.serve(caller, route_(taken->route), std::move(taken->job));
        taken->permit = {};
        queues_.place_freed();
    }
} catch (const std::exception& e) {
    log::error("a proxy worker failed; the process stops", {{"why", e.what()}});
    StopSignals::request();
} catch (...) {
    log::error("a proxy worker failed; the process stops", {{"why", "not a std::exception"}});
    StopSignals::request();
}

}  // namespace platform::gateway
