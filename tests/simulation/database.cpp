#include "tests/simulation/database.hpp"

#include <algorithm>

namespace platform::simulation {

bool Database::admits(const Uuid& event, std::set<Uuid>& fresh) const {
#ifdef PLATFORM_MUTANT_NO_INBOX
    return true;
#endif
    return !inbox_.contains(event) && fresh.insert(event).second;
}

void Database::put(const Uuid& key, OutboxEntry entry) {
    by_claim_.emplace(entry.claimed_until, key);
    by_age_.emplace(entry.created_at, key);
    outbox_.insert_or_assign(key, std::move(entry));
}

Database::OutboxEntry Database::take(std::map<Uuid, OutboxEntry>::iterator entry) {
    by_claim_.erase({entry->second.claimed_until, entry->first});
    by_age_.erase({entry->second.created_at, entry->first});
    OutboxEntry taken = std::move(entry->second);
    outbox_.erase(entry);
    return taken;
}

/// Neighbours with one key are one row.
void Database::insert(std::span<const outbox::OutboxRow> rows, const outbox::Claim& claim) {
    while (!rows.empty()) {
        const Uuid key = rows.front().key();
        const auto end = std::ranges::find_if(rows, [&](const outbox::OutboxRow& row) { return row.key() != key; });
        OutboxEntry entry{
            .records = {rows.begin(), end},
            .attempts = 0,
            .owner = claim.owner,
            .claimed_until = now() + claim.lease,
            .created_at = now()
        };
        rows = rows.subspan(entry.records.size());
        put(key, std::move(entry));
    }
}

void Database::remove(std::span<const Uuid> keys) {
    for (const Uuid& key : keys) {
        const auto found = outbox_.find(key);
        if (found == outbox_.end()) continue;
        for (const auto& record : take(found).records) checker_.outbox_removed(record.record);
    }
}

void Database::claim_until(std::map<Uuid, OutboxEntry>::iterator entry, Instant until) {
    by_claim_.erase({entry->second.claimed_until, entry->first});
    entry->second.claimed_until = until;
    by_claim_.emplace(until, entry->first);
}

std::vector<outbox::OutboxRow> Database::claim_expired(std::size_t limit, const outbox::Claim& claim) {
    std::vector<outbox::OutboxRow> rows;
    std::size_t taken = 0;
    while (taken < limit && !by_claim_.empty() && by_claim_.begin()->first < now()) {
        const auto entry = outbox_.find(by_claim_.begin()->second);
        entry->second.owner = claim.owner;
        claim_until(entry, now() + claim.lease);
        for (outbox::OutboxRow record : entry->second.records) {
            record.attempts = entry->second.attempts;
            rows.push_back(std::move(record));
        }
        ++taken;
    }
    return rows;
}

void Database::back_off(std::span<const outbox::Setback> setbacks) {
    for (const auto& setback : setbacks) {
        const auto entry = outbox_.find(setback.id);
        if (entry == outbox_.end()) continue;
        if (setback.only.empty()) {
            entry->second.owner.clear();
            ++entry->second.attempts;
            claim_until(entry, now() + setback.pause);
            continue;
        }
        // The others were acknowledged; those that failed have a row each from now on.
        OutboxEntry whole = take(entry);
        for (outbox::OutboxRow& record : whole.records) {
            if (std::ranges::find(setback.only, record.id) == setback.only.end()) {
                checker_.outbox_removed(record.record);
                continue;
            }
            record.bundle = {};
            const Uuid key = record.id;
            put(key, {.records = {std::move(record)},
                      .attempts = whole.attempts + 1,
                      .owner = "",
                      .claimed_until = now() + setback.pause,
                      .created_at = whole.created_at});
        }
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
    for (const auto& [key, entry] : outbox_) {
        for (const auto& row : entry.records) records.push_back(row.record);
    }
    return records;
}

Result<void> Session::begin() {
    process_.point();
    if (database_.down) return fail(ErrorKind::Unavailable, "the database is away");
    if (random_.chance(faults_.refused)) return fail(ErrorKind::Unavailable, "the connection was lost");
    return {};
}

Result<void> SimulatedOutboxStore::remove(std::span<const Uuid> keys) {
    return session_.begin().and_then([&] { return session_.commit([&] { session_.database().remove(keys); }); });
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
