#pragma once
#include "services/gateway/adapters/rate_limiter.hpp"
#include "services/gateway/adapters/route_queues.hpp"
#include "services/gateway/adapters/route_state.hpp"
#include "services/gateway/domain/retry.hpp"
#include "shared/core/uuid.hpp"
#include "shared/http/client.hpp"
#include "shared/tracing/tracer.hpp"

#include <stop_token>

namespace platform::gateway {

/// Carries one request to a pod and its answer back: rate limit, breaker, choice of a pod, tries within the
/// budget and the deadline. Thread-safe; each thread brings its own Caller.
class Proxy {
public:
    struct Options {
        Duration connect_timeout = std::chrono::milliseconds(500);
        std::size_t max_response_bytes = 4 * 1024 * 1024;
        RetryBudget::Options budget{};
    };
    Proxy(Options options, RateLimiter& limiter, UuidGenerator& ids, const Clock& clock, const tracing::Tracer& tracer);

    /// What belongs to one worker thread.
    struct Caller {
        http::Client client;
        RateLimiter::Session limit;
        std::stop_token stop;
    };
    /// Answers the job, whatever happens.
    void serve(Caller& caller, RouteState& route, Job job);

private:
    struct Try;
    struct Exchange;
    [[nodiscard]] http::Response answer(Caller& caller, RouteState& route, const Job& job);
    [[nodiscard]] http::Response relay(Caller& caller, RouteState& route, const Job& job);
    [[nodiscard]] tracing::Span begin_span(const Address& pod, Exchange& exchange) const;
    [[nodiscard]] Try try_once(Caller& caller, RouteState& route, const Address& pod, Exchange& exchange);
    [[nodiscard]] bool
    may_repeat(const Caller& caller, RouteState& route, const Exchange& exchange, const Try& last, int tries);

    const Options options_;
    RateLimiter& limiter_;
    UuidGenerator& ids_;
    const Clock& clock_;
    const tracing::Tracer& tracer_;
    RetryBudget budget_;
};

}  // namespace platform::gateway
