#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <mutex>
#include <vector>

namespace platform::order {

/// The order is stored and its event is on its way.
struct Placed {
    OrderId id;
    bool replayed = false;  ///< it was there before this request
};

/// Why an order was not placed.
enum class Refused : std::uint8_t {
    KeyReused,       ///< the Idempotency-Key stands for another order
    IdReused,        ///< the request id stands for another order
    InProgress,      ///< another request with the same key has not ended
    OutcomeUnknown,  ///< it may have been stored
    Unavailable,     ///< nothing was stored; later it may work
    Failed,          ///< a fault of ours; nothing was stored
};
using PlaceAnswer = std::expected<Placed, Refused>;

/// A validated order that waits to be stored.
struct Job {
    NewOrder order;
    std::move_only_function<void(const PlaceAnswer&)> answer;  ///< called exactly once
    Instant queued_at{};                                       ///< set by the queue
};

/// Between the request handlers and the committers; bounded by count and by age, so that a backlog is refused
/// instead of growing. Keyed orders stand in a lane of their own. Thread-safe.
class AcceptQueue {
public:
    struct Options {
        std::size_t limit = 2000;
        Duration max_age = std::chrono::seconds(2);
    };
    AcceptQueue(Options options, const Clock& clock) : options_(options), clock_(clock) {}

    enum class Lane : std::uint8_t { Plain, Keyed };

    /// False when the queue is full, too old or closed; the job is then untouched.
    [[nodiscard]] bool push(Job& job);
    /// The oldest jobs of a lane, at most `limit`; empty when there are none.
    [[nodiscard]] std::vector<Job> take(Lane lane, std::size_t limit);
    /// Refuses everything from now on, and answers what still waits with Unavailable.
    void close();
    [[nodiscard]] std::size_t size() const;

private:
    [[nodiscard]] bool too_old(Instant now) const;
    std::deque<Job>& lane_of(Lane lane) { return lane == Lane::Plain ? plain_ : keyed_; }

    const Options options_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::deque<Job> plain_;  // guarded by mutex_
    std::deque<Job> keyed_;  // guarded by mutex_
    bool closed_ = false;    // guarded by mutex_
};

}  // namespace platform::order
