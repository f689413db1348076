#include "shared/resilience/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace platform::resilience {
namespace {

/// splitmix64 (Sebastiano Vigna, public domain algorithm).
double next_fraction(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace

Backoff::Backoff(Options options, std::uint64_t seed) : options_(options), state_(seed) {
    if (seed == 0) {
        std::random_device device;
        state_ = (static_cast<std::uint64_t>(device()) << 32) ^ device();
    }
}

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
