#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>
#include <string_view>

namespace platform::gateway {

/// How one try at a pod ended.
enum class CallResult : std::uint8_t {
    Answered,     ///< any status below 500
    ServerError,  ///< 5xx
    Overloaded,   ///< 503 with Retry-After: the pod is well and sheds load
    NotSent,      ///< no connection: the pod has seen nothing of it
    Lost,         ///< the connection broke; the pod may have done the work
    TimedOut,     ///< no answer in time; the pod may have done the work
    Unusable,     ///< an answer that is no good: too large, malformed
};

/// A request that may be sent twice: it changes nothing, or its receiver knows it again by its key.
[[nodiscard]] bool repeatable(std::string_view method, bool has_idempotency_key);

/// Whether another try may help and can do no harm. Overload is never answered with more load.
[[nodiscard]] bool worth_another_try(CallResult result, int status, bool repeatable);

/// Keeps retries a small share of the traffic, so that they cannot make an outage worse: each request pays in
/// `ratio`, each retry costs 1, and `per_second` come for free. Thread-safe.
class RetryBudget {
public:
    struct Options {
        double ratio = 0.2;
        double per_second = 5;
        double most = 100;  ///< savings never exceed this
    };
    RetryBudget(Options options, const Clock& clock);
    void on_request();
    [[nodiscard]] bool try_retry();

private:
    void refill();

    const Options options_;
    const Clock& clock_;
    std::mutex mutex_;
    double savings_;       // guarded by mutex_
    Instant refilled_at_;  // guarded by mutex_
};

}  // namespace platform::gateway
