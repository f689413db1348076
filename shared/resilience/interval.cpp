#include "shared/resilience/interval.hpp"

#include "shared/resilience/fraction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace platform::resilience {

Interval::Interval(Options options, std::uint64_t seed) : options_(options), state_(seed_or_random(seed)) {}

Duration Interval::of(int time) {
    // A century: what the type can hold, whatever the exponent.
    constexpr double kLongest = static_cast<double>(std::numeric_limits<Duration::rep>::max()) / 4;
    auto wait = static_cast<double>(options_.initial.count());
    if (options_.exponential) wait *= std::pow(options_.multiplier, std::max(0, time - 1));  // may be infinite
    const bool bounded = options_.exponential && options_.ceiling.has_value();
    const double ceiling = bounded ? static_cast<double>(options_.ceiling->count()) : kLongest;
    wait = std::min(wait, ceiling);
    if (options_.randomized) {
        const std::lock_guard lock(mutex_);
        wait *= 1.0 - options_.factor + 2.0 * options_.factor * next_fraction(state_);
        wait = std::min(wait, ceiling);
    }
    return Duration{static_cast<Duration::rep>(wait)};
}

}  // namespace platform::resilience
