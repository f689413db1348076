#include "tests/shared/outbox/fake_outbox_store.hpp"

#include <algorithm>

namespace platform::outbox {

void FakeOutboxStore::insert(std::span<const OutboxRow> rows, const Claim& claim) {
    const std::scoped_lock guard(mutex_);
    const Instant now = clock_.now();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i > 0 && rows[i].key() == rows[i - 1].key()) {
            rows_.at(rows[i].key()).more.push_back(rows[i]);
            continue;
        }
        rows_[rows[i].key()] = {
            .row = rows[i], .owner = claim.owner, .claimed_until = now + claim.lease, .created_at = now, .last_error = ""
        };
    }
}

void FakeOutboxStore::split(const Setback& setback) {
    const auto found = rows_.find(setback.id);
    if (found == rows_.end()) return;
    const Stored whole = found->second;
    rows_.erase(found);
    std::vector<OutboxRow> records{whole.row};
    records.insert(records.end(), whole.more.begin(), whole.more.end());
    for (OutboxRow& record : records) {
        if (std::ranges::find(setback.only, record.id) == setback.only.end()) continue;
        record.bundle = {};
        record.attempts = whole.row.attempts + 1;
        rows_[record.id] = {
            .row = record,
            .owner = "",
            .claimed_until = clock_.now() + setback.pause,
            .created_at = whole.created_at,
            .last_error = setback.why
        };
    }
}

Result<void> FakeOutboxStore::reachable() const {
    if (down_) return fail(ErrorKind::Unavailable, "the store is down");
    return {};
}

Result<void> FakeOutboxStore::remove(std::span<const Uuid> ids) {
    const std::scoped_lock guard(mutex_);
    if (auto up = reachable(); !up) return up;
    ++removals_;
    for (const Uuid& id : ids) rows_.erase(id);
    return {};
}

Result<std::vector<OutboxRow>> FakeOutboxStore::claim_expired(std::size_t limit, const Claim& claim) {
    const std::scoped_lock guard(mutex_);
    if (auto up = reachable(); !up) return fail(up.error());
    std::vector<Stored*> expired;
    for (auto& [id, stored] : rows_) {
        if (stored.claimed_until < clock_.now()) expired.push_back(&stored);
    }
    std::ranges::stable_sort(expired, {}, &Stored::claimed_until);
    if (expired.size() > limit) expired.resize(limit);
    std::vector<OutboxRow> claimed;
    for (Stored* stored : expired) {
        stored->owner = claim.owner;
        stored->claimed_until = clock_.now() + claim.lease;
        claimed.push_back(stored->row);
        for (OutboxRow record : stored->more) {
            record.attempts = stored->row.attempts;
            claimed.push_back(std::move(record));
        }
    }
    return claimed;
}

Result<void> FakeOutboxStore::back_off(std::span<const Setback> setbacks) {
    const std::scoped_lock guard(mutex_);
    if (auto up = reachable(); !up) return up;
    for (const Setback& setback : setbacks) {
        if (!setback.only.empty()) {
            split(setback);
            continue;
        }
        const auto found = rows_.find(setback.id);
        if (found == rows_.end()) continue;
        Stored& stored = found->second;
        stored.owner.clear();
        stored.claimed_until = clock_.now() + setback.pause;
        stored.last_error = setback.why;
        ++stored.row.attempts;
    }
    return {};
}

Result<void> FakeOutboxStore::release(const std::string& owner) {
    const std::scoped_lock guard(mutex_);
    if (auto up = reachable(); !up) return up;
    for (auto& [id, stored] : rows_) {
        if (stored.owner == owner) stored.claimed_until = std::min(stored.claimed_until, clock_.now());
    }
    return {};
}

Result<OutboxStore::Depth> FakeOutboxStore::depth() {
    const std::scoped_lock guard(mutex_);
    if (auto up = reachable(); !up) return fail(up.error());
    Depth depth{.rows = static_cast<std::int64_t>(rows_.size()), .oldest = Duration{0}};
    for (const auto& [id, stored] : rows_) depth.oldest = std::max(depth.oldest, clock_.now() - stored.created_at);
    return depth;
}

std::map<Uuid, FakeOutboxStore::Stored> FakeOutboxStore::rows() const {
    const std::scoped_lock guard(mutex_);
    return rows_;
}

int FakeOutboxStore::removals() const {
    const std::scoped_lock guard(mutex_);
    return removals_;
}

void FakeOutboxStore::set_down(bool down) {
    const std::scoped_lock guard(mutex_);
    down_ = down;
}

}  // namespace platform::outbox
