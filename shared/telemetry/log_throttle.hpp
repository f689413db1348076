#pragma once
#include "shared/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace platform::log {

/// Lets at most `per_second` lines with one message through in a second of `now`; counts the rest. Thread-safe.
class Throttle {
public:
    explicit Throttle(int per_second, std::size_t max_messages = 1000);

    /// Nothing: do not write. A number: write, and say that so many lines before were not.
    [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view message, Instant now);

private:
    struct Window {
        Instant start{};
        int written = 0;
        std::uint64_t suppressed = 0;
    };
    const int per_second_;
    const std::size_t max_messages_;
    std::mutex mutex_;
    std::map<std::string, Window, std::less<>> windows_;  // guarded by mutex_
};

}  // namespace platform::log
