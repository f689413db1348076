#pragma once
#include <cstdint>
#include <random>

namespace platform::resilience {

/// Moves `state` on and gives a number of [0, 1): splitmix64 (Sebastiano Vigna, public domain algorithm).
inline double next_fraction(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) / static_cast<double>(1ULL << 53);
}

/// `seed`, or a random one when it is 0.
inline std::uint64_t seed_or_random(std::uint64_t seed) {
    if (seed != 0) return seed;
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) ^ device();
}

}  // namespace platform::resilience
