#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace platform {

/// Which pass of which crash point ends the process. Thread-safe.
class CrashPlan {
public:
    CrashPlan(std::string name, int pass) : name_(std::move(name)), passes_left_(pass) {}
    /// "<name>:<n>": the n-th pass of that point, n >= 1. Nothing for any other text.
    [[nodiscard]] static std::optional<CrashPlan> parse(std::string_view text);
    CrashPlan(CrashPlan&& other) noexcept : name_(std::move(other.name_)), passes_left_(other.passes_left_.load()) {}

    /// Sends SIGKILL to this process when it is the chosen pass of the chosen point: nothing is flushed, closed or answered any more.
    void pass(std::string_view name);

private:
    std::string name_;
    std::atomic<int> passes_left_;
};

/// The plan of this process, from the variable CRASH_AT, which only programs with crash points read; aborts when it is not understood.
void pass_crash_point(std::string_view name);

/// A named place where the fault tests may kill the process (tests/faults). Only files compiled with the CMake option PLATFORM_CRASH_POINTS have it; in every
/// other build it is nothing. `static`: each file that includes this has its own, with or without effect.
#ifdef PLATFORM_CRASH_POINTS
static inline void crash_point(std::string_view name) {
    pass_crash_point(name);
}
#else
static constexpr void crash_point(std::string_view /*name*/) {}
#endif

}  // namespace platform
