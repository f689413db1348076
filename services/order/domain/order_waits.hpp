#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace platform::order {

/// Callers who wait for the end of an order. A change made by this process is told by changed(); one made by another
/// process is found by reading again from time to time. Many waiting orders are one read. A step function; the rest
/// is thread-safe.
class OrderWaits {
public:
    struct Options {
        std::size_t limit = 1000;                          ///< callers at a time
        Duration longest = std::chrono::seconds(4);        ///< whatever a caller asks for
        Duration reread = std::chrono::milliseconds(500);  ///< for changes made elsewhere
    };
    /// The order as it is when it has ended or the time is over; nothing when there is none.
    using Answer = std::move_only_function<void(Result<std::optional<Order>>)>;

    /// `closing` says that nobody may wait any longer.
    OrderWaits(
        Options options,
        OrderStore& store,
        const Clock& clock,
        metrics::Registry& registry,
        std::function<bool()> closing
    );

    /// False when too many wait already; `answer` is then untouched.
    [[nodiscard]] bool wait(const OrderId& id, Duration at_most, Answer& answer);
    /// These orders have changed. Cheap when nobody waits.
    void changed(std::span<const OrderId> ids);
    /// Called, from any thread, when step() has something to do at once.
    void on_work(std::function<void()> wake) { wake_ = std::move(wake); }

    /// Answers who can be answered. Gives the time until it wants to look again.
    Duration step(Instant now);
    /// Answers everybody; nobody may wait any more.
    void close();

private:
    struct Waiter {
        OrderId id;
        Instant until;
        Instant look_at;
        Answer answer;
    };
    using Ticket = std::uint64_t;

    [[nodiscard]] std::vector<Ticket> due(Instant now, bool all, std::vector<OrderId>& ids);
    void settle(const std::vector<Ticket>& tickets, const Result<std::map<OrderId, Order>>& found, bool all);
    [[nodiscard]] Duration until_next(Instant now);

    const Options options_;
    OrderStore& store_;
    const Clock& clock_;
    std::function<bool()> closing_;
    std::function<void()> wake_;
    metrics::Gauge waiting_gauge_;
    std::mutex mutex_;
    std::map<Ticket, Waiter> waiters_;     // guarded by mutex_
    Ticket next_ = 0;                      // guarded by mutex_
    std::atomic<std::size_t> waiting_{0};  // how many, for a look without the lock
};

}  // namespace platform::order
