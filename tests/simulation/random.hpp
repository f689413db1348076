#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>

namespace platform::simulation {

/// The only source of chance of a run: the same seed gives the same row on every machine (splitmix64). One thread.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// Evenly from 0 to `limit` - 1. Needs `limit` > 0.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    bool chance(double probability) {
        return probability > 0 && static_cast<double>(next() >> 11) < probability * static_cast<double>(1ULL << 53);
    }
    Duration between(Duration low, Duration high) {
        return low + Duration{static_cast<Duration::rep>(below(static_cast<std::uint64_t>((high - low).count()) + 1))};
    }
    /// About `typical`, now and then much longer, never above `longest`: as networks are.
    Duration delay(Duration typical, Duration longest) {
        Duration scale = typical;
        while (scale < longest && chance(0.1)) scale *= 4;
        return between(Duration{1000}, scale < longest ? scale : longest);
    }

private:
    std::uint64_t state_;
};

}  // namespace platform::simulation
