#include "shared/resilience/sliding_window.hpp"

namespace platform::resilience {
namespace {

void add(SlidingWindow::Totals& sum, const SlidingWindow::Totals& part, int times) {
    sum.calls += times * part.calls;
    sum.failed += times * part.failed;
    sum.slow += times * part.slow;
    sum.slow_failed += times * part.slow_failed;
}

SlidingWindow::Totals totals_of(SlidingWindow::Call call) {
    return {
        .calls = 1,
        .failed = call.failed ? 1 : 0,
        .slow = call.slow ? 1 : 0,
        .slow_failed = call.failed && call.slow ? 1 : 0,
    };
}

}  // namespace

std::int64_t SlidingWindow::second_of(Instant now) {
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

void SlidingWindow::record(Call call, Instant now) {
    const auto capacity = static_cast<std::size_t>(size_);
    const Totals one = totals_of(call);
    if (type_ == Type::CountBased) {
        if (slots_.size() < capacity) {
            slots_.emplace_back();
        } else {
            add(sum_, slots_[next_].totals, -1);
        }
        slots_[next_].totals = one;
        next_ = (next_ + 1) % capacity;
        add(sum_, one, 1);
        return;
    }
    const std::int64_t second = second_of(now);
    if (slots_.empty()) slots_.resize(capacity, Slot{.second = second - size_, .totals = {}});
    Slot& slot = slots_[static_cast<std::size_t>(second) % capacity];
    if (slot.second != second) slot = Slot{.second = second, .totals = {}};
    add(slot.totals, one, 1);
}

SlidingWindow::Totals SlidingWindow::totals(Instant now) const {
    if (type_ == Type::CountBased) return sum_;
    Totals sum;
    const std::int64_t oldest = second_of(now) - size_;
    for (const Slot& slot : slots_) {
        if (slot.second > oldest) add(sum, slot.totals, 1);
    }
    return sum;
}

}  // namespace platform::resilience
