#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <functional>

namespace platform::order {

/// Looks after orders that nobody answers: asks again with a new event id, and cancels those whose deadline
/// has passed. The deadline counts from the moment the broker was seen to have the order, so an outage of the
/// broker cancels nothing. A step function; one thread; several processes may sweep.
class Sweeper {
public:
    struct Options {
        Duration interval = std::chrono::seconds(5);
        Duration stuck_after = std::chrono::seconds(30);  ///< without any progress; doubles with every look
        Duration deadline = std::chrono::minutes(15);
        std::size_t page = 100;
    };
    /// `behind` says whether the answers are late because the service itself is (consumer lag): then nothing
    /// is asked again.
    Sweeper(
        Options options,
        OrderStore& store,
        const Clock& clock,
        UuidGenerator& ids,
        metrics::Registry& registry,
        std::function<bool()> behind
    );

    /// One page. Gives the time until the next one.
    Duration step(Instant now);

private:
    [[nodiscard]] std::vector<events::Event> look_at(const Due& due, Order& order);

    Options options_;
    OrderStore& store_;
    const Clock& clock_;
    UuidGenerator& ids_;
    std::function<bool()> behind_;
    metrics::Counter asked_again_;
    metrics::Counter expired_;
};

}  // namespace platform::order
