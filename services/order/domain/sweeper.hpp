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
    /// `may_ask` says for how many orders may be asked again at a step: a share of those that are answered, so that what waits in the topics after an outage
    /// does not grow by questions that are in it already. The others stay due.
    Sweeper(
        Options options,
        OrderStore& store,
        const Clock& clock,
        UuidGenerator& ids,
        metrics::Registry& registry,
        std::function<std::size_t()> may_ask
    );

    /// One page. Gives the time until the next one.
    Duration step(Instant now);

private:
    [[nodiscard]] std::vector<events::Event> look_at(const Due& due, Order& order);

    Options options_;
    OrderStore& store_;
    const Clock& clock_;
    UuidGenerator& ids_;
    std::function<std::size_t()> may_ask_;
    metrics::Counter asked_again_;
    metrics::Counter expired_;
};

}  // namespace platform::order
