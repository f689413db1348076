#pragma once
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"
#include "shared/outbox/outbox.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/random.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace platform::simulation {

/// What all databases have: outbox and inbox. It survives every process. One thread.
class Database {
public:
    /// A row of the table: one record, or the records of one transaction that share a row.
    struct OutboxEntry {
        std::vector<outbox::OutboxRow> records;
        int attempts = 0;
        std::string owner;
        Instant claimed_until;
        Instant created_at;
    };

    Database(Scheduler& scheduler, Checker& checker) : scheduler_(scheduler), checker_(checker) {}

    bool down = false;

    [[nodiscard]] Instant now() const { return scheduler_.now(); }
    [[nodiscard]] WallTime wall() const { return scheduler_.clock().wall(); }
    [[nodiscard]] Checker& checker() { return checker_; }

    /// True when the event is new to the inbox, with what `fresh` has already taken.
    [[nodiscard]] bool admits(const Uuid& event, std::set<Uuid>& fresh) const;
    void handled(const std::set<Uuid>& events) { inbox_.insert(events.begin(), events.end()); }
    void forget_inbox() { inbox_.clear(); }

    void insert(std::span<const outbox::OutboxRow> rows, const outbox::Claim& claim);
    void remove(std::span<const Uuid> keys);
    [[nodiscard]] std::vector<outbox::OutboxRow> claim_expired(std::size_t limit, const outbox::Claim& claim);
    void back_off(std::span<const outbox::Setback> setbacks);
    /// Ends the claims whose owner begins with `prefix`.
    void release(const std::string& prefix);
    [[nodiscard]] outbox::OutboxStore::Depth depth() const;
    [[nodiscard]] bool has_outbox_row(const Uuid& id) const { return outbox_.contains(id); }
    /// The records of the outbox.
    [[nodiscard]] std::vector<kafka::OutgoingRecord> waiting() const;
    [[nodiscard]] bool outbox_is_empty() const { return outbox_.empty(); }

private:
    void put(const Uuid& key, OutboxEntry entry);
    OutboxEntry take(std::map<Uuid, OutboxEntry>::iterator entry);
    void claim_until(std::map<Uuid, OutboxEntry>::iterator entry, Instant until);

    Scheduler& scheduler_;
    Checker& checker_;
    std::unordered_set<Uuid> inbox_;
    std::map<Uuid, OutboxEntry> outbox_;  ///< by OutboxRow::key()
    std::set<std::pair<Instant, Uuid>> by_claim_;
    std::set<std::pair<Instant, Uuid>> by_age_;
};

/// What a process has of its database: transactions, and the ways in which they end. One thread.
class Session {
public:
    Session(Process& process, Database& database, Random& random, const Faults& faults)
        : process_(process), database_(database), random_(random), faults_(faults) {}

    /// Others may run before a transaction begins; from here to commit() nobody does.
    [[nodiscard]] Result<void> begin();
    /// `apply` writes everything. It may have been called although an error is given (outcome_unknown).
    template <class Apply>
    [[nodiscard]] Result<void> commit(Apply&& apply) {
        if (random_.chance(faults_.rolled_back)) return fail(ErrorKind::Unavailable, "deadlock; the transaction is gone");
        if (random_.chance(faults_.unknown)) {
            if (random_.chance(0.5)) apply();
            return fail(Error{.kind = ErrorKind::Unavailable, .what = "lost while committing", .outcome_unknown = true});
        }
        apply();
        process_.point();
        return {};
    }
    [[nodiscard]] Database& database() { return database_; }

private:
    Process& process_;
    Database& database_;
    Random& random_;
    const Faults& faults_;
};

/// The outbox as a process sees it.
class SimulatedOutboxStore final : public outbox::OutboxStore {
public:
    explicit SimulatedOutboxStore(Session& session) : session_(session) {}
    [[nodiscard]] Result<void> remove(std::span<const Uuid> keys) override;
    [[nodiscard]] Result<std::vector<outbox::OutboxRow>>
    claim_expired(std::size_t limit, const outbox::Claim& claim) override;
    [[nodiscard]] Result<void> back_off(std::span<const outbox::Setback> setbacks) override;
    [[nodiscard]] Result<void> release(const std::string& owner) override;
    [[nodiscard]] Result<Depth> depth() override;

private:
    Session& session_;
};

}  // namespace platform::simulation
