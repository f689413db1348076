#include "shared/resilience/bulkhead.hpp"

#include "shared/core/check.hpp"

#include <utility>

namespace platform::resilience {

Bulkhead::Bulkhead(std::string name, Options options) : name_(std::move(name)), options_(options) {
    CHECK(options.max_concurrent_calls >= 0, "a bulkhead has no negative number of places");
}

Bulkhead::Permit& Bulkhead::Permit::operator=(Permit&& other) noexcept {
    if (this != &other) {
        if (owner_ != nullptr) owner_->leave();
        owner_ = std::exchange(other.owner_, nullptr);
    }
    return *this;
}

Bulkhead::Permit::~Permit() {
    if (owner_ != nullptr) owner_->leave();
}

Bulkhead::Permit Bulkhead::try_enter() {
    const std::lock_guard lock(mutex_);
    if (in_use_ >= max()) return {};
    ++in_use_;
    return Permit{this};
}

Bulkhead::Permit Bulkhead::enter() {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, options_.max_wait_duration, [this] { return in_use_ < max(); })) return {};
    ++in_use_;
    return Permit{this};
}

void Bulkhead::leave() {
    {
        const std::lock_guard lock(mutex_);
        --in_use_;
    }
    freed_.notify_one();
}

int Bulkhead::available() const {
    const std::lock_guard lock(mutex_);
    return max() - in_use_;
}

}  // namespace platform::resilience
