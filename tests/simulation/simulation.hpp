#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace platform::simulation {

struct Options {
    std::uint64_t seed = 1;
    std::size_t orders = 2000;
};

struct Report {
    std::optional<std::string> violation;  ///< the first thing that must never happen
    std::uint64_t orders = 0;              ///< that were stored
    std::uint64_t records = 0;             ///< in the broker
    std::uint64_t steps = 0;
    std::uint64_t crashes = 0;
    std::uint64_t trace = 0;   ///< of all that happened, in order
    double simulated_seconds = 0;
};

/// One run: the seed decides the faults, the load and every chance. The same options give the same report. One thread.
[[nodiscard]] Report simulate(const Options& options);

}  // namespace platform::simulation
