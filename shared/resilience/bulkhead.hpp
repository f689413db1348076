#pragma once
#include <atomic>
#include <string>

namespace platform::resilience {

/// At most `max_concurrent_calls` at a time; the rest is refused at once (Resilience4j's semaphore bulkhead, maxWaitDuration 0). Thread-safe.
class Bulkhead {
public:
    Bulkhead(std::string name, int max_concurrent_calls);
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
    [[nodiscard]] Permit try_enter();
    [[nodiscard]] int available() const;
    [[nodiscard]] int max() const { return max_; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    const std::string name_;
    const int max_;
    std::atomic<int> in_use_{0};
};

}  // namespace platform::resilience
