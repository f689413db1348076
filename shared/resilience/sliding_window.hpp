#pragma once
#include "shared/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace platform::resilience {

/// How the last calls went: the last `size` ones, or those of the last `size` seconds. One thread.
class SlidingWindow {
public:
    enum class Type : std::uint8_t { CountBased, TimeBased };
    struct Call {
        bool failed = false;
        bool slow = false;
    };
    struct Totals {
        int calls = 0;
        int failed = 0;
        int slow = 0;
        int slow_failed = 0;
    };
    /// Needs `size` > 0.
    SlidingWindow(Type type, int size) : type_(type), size_(size) {}

    void record(Call call, Instant now);
    [[nodiscard]] Totals totals(Instant now) const;
    [[nodiscard]] int size() const { return size_; }
    [[nodiscard]] Type type() const { return type_; }

private:
    /// The calls of one second, or one call.
    struct Slot {
        std::int64_t second = 0;
        Totals totals{};
    };
    [[nodiscard]] static std::int64_t second_of(Instant now);

    Type type_;
    int size_;
    std::vector<Slot> slots_;  ///< a ring of at most size_, grown as calls come
    std::size_t next_ = 0;     ///< count-based: the slot of the next call
    Totals sum_{};             ///< count-based: of all slots
};

}  // namespace platform::resilience
