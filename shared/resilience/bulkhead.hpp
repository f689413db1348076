#pragma once
#include "shared/core/clock.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace platform::resilience {

/// Resilience4j's semaphore bulkhead: at most `max_concurrent_calls` at a time; the rest waits for at most `max_wait_duration`, or is refused at once.
/// Thread-safe.
class Bulkhead {
public:
    struct Options {
        int max_concurrent_calls = 25;
        Duration max_wait_duration{0};
    };
    Bulkhead(std::string name, int max_concurrent_calls)
        : Bulkhead(std::move(name), Options{.max_concurrent_calls = max_concurrent_calls}) {}
    Bulkhead(std::string name, Options options);
    /// Frees its place when destroyed.
    class Permit {
    public:
        Permit() = default;
        explicit Permit(Bulkhead* owner) : owner_(owner) {}
        Permit(Permit&& other) noexcept : owner_(other.owner_) { other.owner_ = nullptr; }
        Permit& operator=(Permit&& other) noexcept;
        ~Permit();
        explicit operator bool() const { return owner_ != nullptr; }

    private:
        Bulkhead* owner_ = nullptr;
    };
    /// Never waits.
    [[nodiscard]] Permit try_enter();
    /// Waits for at most `max_wait_duration`.
    [[nodiscard]] Permit enter();
    [[nodiscard]] int available() const;
    [[nodiscard]] int max() const { return options_.max_concurrent_calls; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Options& options() const { return options_; }

private:
    void leave();

    const std::string name_;
    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable freed_;
    int in_use_ = 0;  // guarded by mutex_
};

}  // namespace platform::resilience
