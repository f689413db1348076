#include "tests/simulation/database.hpp"

#include <algorithm>

namespace platform::simulation {

bool Database::admits(const Uuid& event, std::set<Uuid>& fresh) const {
#ifdef PLATFORM_MUTANT_NO_INBOX
    return true;
#endif
    return !inbox_.contains(event) && fresh.insert(event).second;
}

void Database::insert(std::span<const outbox::OutboxRow> rows, const outbox::Claim& claim) {
    const Instant until = now() + claim.lease;
    for (const auto& row : rows) {
        outbox_.insert_or_assign(
            row.id, OutboxEntry{.row = row, .owner = claim.owner, .claimed_until = until, .created_at = now()}
        );
        by_claim_.emplace(until, row.id);
        by_age_.emplace(now(), row.id);
    }
}

void Database::remove(std::span<const Uuid> ids) {
    for (const Uuid& id : ids) {
        const auto found = outbox_.find(id);
        if (found == outbox_.end()) continue;
        checker_.outbox_removed(found->second.row.record);
        by_claim_.erase({found->second.claimed_until, id});
        by_age_.erase({found->second.created_at, id});
        outbox_.erase(found);
    }
}

void Database::claim_until(std::map<Uuid, OutboxEntry>::iterator entry, Instant until) {
    by_claim_.erase({entry->second.claimed_until, entry->first});
    entry->second.claimed_until = until;
    by_claim_.emplace(until, entry->first);
}

std::vector<outbox::OutboxRow> Database::claim_expired(std::size_t limit, const outbox::Claim& claim) {
    std::vector<outbox::OutboxRow> rows;
    while (rows.size() < limit && !by_claim_.empty() && by_claim_.begin()->first < now()) {
        const auto entry = outbox_.find(by_claim_.begin()->second);
        entry->second.owner = claim.owner;
        claim_until(entry, now() + claim.lease);
        rows.push_back(entry->second.row);
    }
    return rows;
}

void Database::back_off(std::span<const outbox::Setback> setbacks) {
    for (const auto& setback : setbacks) {
        const auto entry = outbox_.find(setback.id);
        if (entry == outbox_.end()) continue;
        entry->second.owner.clear();
        ++entry->second.row.attempts;
        claim_until(entry, now() + setback.pause);
    }
}

void Database::release(const std::string& prefix) {
    for (auto entry = outbox_.begin(); entry != outbox_.end(); ++entry) {
        if (entry->second.claimed_until > now() && entry->second.owner.starts_with(prefix)) claim_until(entry, now());
    }
}

outbox::OutboxStore::Depth Database::depth() const {
    const Duration oldest = by_age_.empty() ? Duration{0} : now() - by_age_.begin()->first;
    return {.rows = static_cast<std::int64_t>(outbox_.size()), .oldest = oldest};
}

std::vector<kafka::OutgoingRecord> Database::waiting() const {
    std::vector<kafka::OutgoingRecord> records;
    for (const auto& [key, entry] : outbox_) records.push_back(entry.row.record);
    return records;
}

Result<void> Session::begin() {
    process_.point();
    if (database_.down) return fail(ErrorKind::Unavailable, "the database is away");
    if (random_.chance(faults_.refused)) return fail(ErrorKind::Unavailable, "the connection was lost");
    return {};
}

Result<void> SimulatedOutboxStore::remove(std::span<const Uuid> ids) {
    return session_.begin().and_then([&] { return session_.commit([&] { session_.database().remove(ids); }); });
}

Result<std::vector<outbox::OutboxRow>>
SimulatedOutboxStore::claim_expired(std::size_t limit, const outbox::Claim& claim) {
    std::vector<outbox::OutboxRow> rows;
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    auto done = session_.commit([&] { rows = session_.database().claim_expired(limit, claim); });
    if (!done) return fail(std::move(done).error());
    return rows;
}

Result<void> SimulatedOutboxStore::back_off(std::span<const outbox::Setback> setbacks) {
    return session_.begin().and_then([&] { return session_.commit([&] { session_.database().back_off(setbacks); }); });
}

Result<void> SimulatedOutboxStore::release(const std::string& owner) {
    return session_.begin().and_then([&] { return session_.commit([&] { session_.database().release(owner); }); });
}

Result<outbox::OutboxStore::Depth> SimulatedOutboxStore::depth() {
    return session_.begin().transform([&] { return session_.database().depth(); });
}

}  // namespace platform::simulation
