#pragma once
#include "shared/core/clock.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace platform::resilience {

/// Resilience4j's time limiter as a policy: calls take their deadline from it and say how they ended. They are always cut off at the deadline
/// (cancelRunningFuture), since every call of ours takes one. Thread-safe.
class TimeLimiter {
public:
    struct Options {
        Duration timeout_duration = std::chrono::seconds(1);
    };
    TimeLimiter(std::string name, Options options) : name_(std::move(name)), options_(options) {}

    [[nodiscard]] Duration timeout() const { return options_.timeout_duration; }
    void succeeded() { ++successful_; }
    void failed() { ++failed_; }
    void timed_out() { ++timed_out_; }

    struct Counts {
        std::uint64_t successful = 0;
        std::uint64_t failed = 0;
        std::uint64_t timeout = 0;
    };
    [[nodiscard]] Counts counts() const { return {.successful = successful_, .failed = failed_, .timeout = timed_out_}; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    const std::string name_;
    const Options options_;
    std::atomic<std::uint64_t> successful_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> timed_out_{0};
};

}  // namespace platform::resilience
