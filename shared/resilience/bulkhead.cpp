#include "shared/resilience/bulkhead.hpp"

#include "shared/core/check.hpp"

#include <utility>

namespace platform::resilience {

Bulkhead::Bulkhead(std::string name, int max_concurrent_calls)
    : name_(std::move(name)), max_(max_concurrent_calls) {
    CHECK(max_concurrent_calls >= 0, "a bulkhead has no negative number of places");
}

Bulkhead::Permit& Bulkhead::Permit::operator=(Permit&& other) noexcept {
    if (this != &other) {
        if (owner_ != nullptr) --owner_->in_use_;
        owner_ = std::exchange(other.owner_, nullptr);
    }
    return *this;
}

Bulkhead::Permit::~Permit() {
    if (owner_ != nullptr) --owner_->in_use_;
}

Bulkhead::Permit Bulkhead::try_enter() {
    int used = in_use_.load();
    while (used < max_) {
        if (in_use_.compare_exchange_weak(used, used + 1)) return Permit{this};
    }
    return {};
}

int Bulkhead::available() const {
    return max_ - in_use_.load();
}

}  // namespace platform::resilience
