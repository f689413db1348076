#pragma once
#include "shared/core/clock.hpp"
#include "shared/outbox/outbox.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace platform::outbox {

/// The outbox table in memory, on the clock that it is given. Thread-safe.
class FakeOutboxStore final : public OutboxStore {
public:
    explicit FakeOutboxStore(const Clock& clock) : clock_(clock) {}

    /// What insert() and COMMIT do: one row of the table for neighbours with one key().
    void insert(std::span<const OutboxRow> rows, const Claim& claim);

    Result<void> remove(std::span<const Uuid> ids) override;
    Result<std::vector<OutboxRow>> claim_expired(std::size_t limit, const Claim& claim) override;
    Result<void> back_off(std::span<const Setback> setbacks) override;
    Result<void> release(const std::string& owner) override;
    Result<Depth> depth() override;

    struct Stored {
        OutboxRow row;  ///< the first record
        std::string owner;
        Instant claimed_until;
        Instant created_at;
        std::string last_error;
        std::vector<OutboxRow> more{};  ///< the others of the bundle
    };
    [[nodiscard]] std::map<Uuid, Stored> rows() const;
    [[nodiscard]] int removals() const;
    void set_down(bool down);  ///< every call fails as Unavailable

private:
    [[nodiscard]] Result<void> reachable() const;
    void split(const Setback& setback);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<Uuid, Stored> rows_;  // guarded by mutex_
    int removals_ = 0;             // guarded by mutex_
    bool down_ = false;            // guarded by mutex_
};

}  // namespace platform::outbox
