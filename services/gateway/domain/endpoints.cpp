#include "services/gateway/domain/endpoints.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace platform::gateway {

Endpoints::Endpoints(std::string service, Options options, const Clock& clock, std::optional<Address> last_resort)
    : service_(std::move(service)), options_(options), clock_(clock), last_resort_(std::move(last_resort)) {}

bool Endpoints::update(std::vector<Address> addresses) {
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());

    const std::lock_guard lock(mutex_);
    if (std::ranges::equal(addresses, entries_, {}, {}, &Entry::address)) return false;
    std::vector<Entry> entries;
    for (auto& address : addresses) {
        const Entry* known = find(address);
        entries.push_back(known != nullptr ? *known : Entry{.address = std::move(address)});
    }
    entries_ = std::move(entries);
    return true;
}

void Endpoints::probed(const Address& address, bool up, WallTime at) {
    const std::lock_guard lock(mutex_);
    Entry* entry = find(address);
    if (entry == nullptr) return;
    entry->status = up ? Status::Up : Status::Down;
    entry->probed_at = at;
}

/// Lower is better: tells good pods from doubtful ones.
int Endpoints::rank(const Entry& entry, Instant now) const {
    const bool ejected = entry.ejected_until > now;
    return (entry.status == Status::Down ? 2 : 0) + (ejected ? 1 : 0);
}

std::optional<Address> Endpoints::next(std::span<const Address> tried) {
    constexpr int kTried = 4;  // worse than any pod that was not tried
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    std::vector<const Entry*> best;
    int best_rank = std::numeric_limits<int>::max();
    for (const Entry& entry : entries_) {
        const int entry_rank = rank(entry, now) + (std::ranges::contains(tried, entry.address) ? kTried : 0);
        if (entry_rank > best_rank) continue;
        if (entry_rank < best_rank) best.clear();
        best_rank = entry_rank;
        best.push_back(&entry);
    }
    const bool good = !best.empty() && best_rank == 0;
    if (!good && last_resort_ && !std::ranges::contains(tried, *last_resort_)) return last_resort_;
    if (best.empty()) return std::nullopt;
    return best[turn_++ % best.size()]->address;
}

void Endpoints::succeeded(const Address& address) {
    const std::lock_guard lock(mutex_);
    Entry* entry = find(address);
    if (entry == nullptr) return;
    entry->failures = 0;
    entry->ejected_until = {};
}

void Endpoints::failed(const Address& address, Failure failure) {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    Entry* entry = find(address);
    if (entry == nullptr) return;
    ++entry->failures;
    if (failure == Failure::NoConnection || entry->failures >= options_.failures_to_eject) {
        entry->ejected_until = now + options_.eject_for;
        entry->failures = 0;
    }
}

std::vector<Endpoints::Pod> Endpoints::pods() const {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    std::vector<Pod> pods;
    for (const Entry& entry : entries_) {
        pods.push_back({
            .address = entry.address,
            .status = entry.status,
            .ejected = entry.ejected_until > now,
            .probed_at = entry.probed_at,
        });
    }
    return pods;
}

bool Endpoints::up() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::contains(entries_, Status::Up, &Entry::status);
}

Endpoints::Entry* Endpoints::find(const Address& address) {
    const auto found = std::ranges::find(entries_, address, &Entry::address);
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace platform::gateway
