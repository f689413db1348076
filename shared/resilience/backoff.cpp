#include "shared/resilience/backoff.hpp"

#include "shared/resilience/fraction.hpp"

#include <algorithm>
#include <cmath>

namespace platform::resilience {

Backoff::Backoff(Options options, std::uint64_t seed) : options_(options), state_(seed_or_random(seed)) {}

Duration Backoff::delay(int attempt) {
    const auto initial = static_cast<double>(options_.initial.count());
    const auto ceiling = static_cast<double>(options_.ceiling.count());
    const double grown =
        initial * std::pow(options_.multiplier, std::max(0, attempt - 1));  // may be infinite
    const double full = std::min(grown, ceiling);
    double fraction = 0;
    {
        const std::lock_guard lock(mutex_);
        fraction = next_fraction(state_);
    }
    const double jitter = std::clamp(options_.jitter, 0.0, 1.0);
    return Duration{static_cast<Duration::rep>(full * (1.0 - jitter * fraction))};
}

}  // namespace platform::resilience
