#include "shared/otlp/gate.hpp"

namespace platform::otlp {

bool Gate::enter() {
    std::size_t before = inside_;
    do {
        if (before >= options_.room) return false;  // kEnded is more than any room
    } while (!inside_.compare_exchange_weak(before, before + 1));
    if (before + 1 >= options_.enough) changed_.notify_one();  // missed by one who is about to wait: then it waits for the next, or for the pause
    return true;
}

void Gate::leave(std::size_t count) {
    inside_ -= count;
}

void Gate::pause() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.pause, [this] { return inside_ >= options_.enough; });
}

void Gate::lost() {
    if ((inside_ & kEnded) != 0) last_begin_ = Instant::min();
}

void Gate::end(Instant last_begin) {
    last_begin_ = last_begin;
    {
        const std::lock_guard lock(mutex_);  // nobody is between looking and waiting, so nobody misses this
        inside_ |= kEnded;
    }
    changed_.notify_one();
}

std::size_t Gate::stranded() {
    return inside_.exchange(kEnded) & ~kEnded;
}

}  // namespace platform::otlp
