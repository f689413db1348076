#include "services/gateway/domain/retry.hpp"

#include <algorithm>

namespace platform::gateway {

bool repeatable(std::string_view method, bool has_idempotency_key) {
    return method == "GET" || method == "HEAD" || (method == "POST" && has_idempotency_key);
}

bool worth_another_try(CallResult result, int status, bool repeatable) {
    constexpr int kBadGateway = 502;
    constexpr int kGatewayTimeout = 504;
    switch (result) {
        case CallResult::NotSent:
            return true;
        case CallResult::Lost:
        case CallResult::TimedOut:
            return repeatable;
        case CallResult::ServerError:
            return repeatable && status >= kBadGateway && status <= kGatewayTimeout;
        case CallResult::Answered:
        case CallResult::Overloaded:
        case CallResult::Unusable:
            return false;
    }
    return false;
}

RetryBudget::RetryBudget(Options options, const Clock& clock)
    : options_(options),
      clock_(clock),
      savings_(std::min(options.per_second, options.most)),
      refilled_at_(clock.now()) {}

void RetryBudget::on_request() {
    const std::lock_guard lock(mutex_);
    savings_ = std::min(savings_ + options_.ratio, options_.most);
}

bool RetryBudget::try_retry() {
    const std::lock_guard lock(mutex_);
    refill();
    if (savings_ < 1) return false;
    savings_ -= 1;
    return true;
}

void RetryBudget::refill() {
    const Instant now = clock_.now();
    const std::chrono::duration<double> passed = now - refilled_at_;
    savings_ = std::min(savings_ + passed.count() * options_.per_second, options_.most);
    refilled_at_ = now;
}

}  // namespace platform::gateway
