#include "shared/resilience/retry.hpp"

#include <utility>

namespace platform::resilience {
namespace {

Interval::Options waits(const Retry::Options& options) {
    return {
        .initial = options.wait_duration,
        .exponential = options.enable_exponential_backoff,
        .multiplier = options.exponential_backoff_multiplier,
        .ceiling = options.exponential_max_wait_duration,
        .randomized = options.enable_randomized_wait,
        .factor = options.randomized_wait_factor,
    };
}

}  // namespace

Retry::Retry(std::string name, Options options, std::uint64_t seed)
    : name_(std::move(name)), options_(options), interval_(waits(options), seed) {}

void Retry::done(int attempts, bool success) {
    if (success) {
        ++(attempts > 1 ? good_later_ : good_at_once_);
    } else {
        ++(attempts > 1 ? bad_later_ : bad_at_once_);
    }
}

Retry::Counts Retry::counts() const {
    return {
        .successful_without_retry = good_at_once_,
        .successful_with_retry = good_later_,
        .failed_without_retry = bad_at_once_,
        .failed_with_retry = bad_later_,
    };
}

}  // namespace platform::resilience
