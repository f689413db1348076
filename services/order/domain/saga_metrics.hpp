#pragma once
#include "services/order/domain/order_store.hpp"
#include "services/order/domain/saga.hpp"
#include "shared/core/clock.hpp"
#include "shared/events/events.hpp"
#include "shared/telemetry/metrics.hpp"

#include <map>
#include <optional>

namespace platform::order {

/// What the metrics say about sagas: how those that ended went, and how many are open, for how long. All
/// series exist from the start, so that a first event is seen as a rise. Thread-safe, but for open(), which
/// has one caller.
class SagaMetrics {
public:
    explicit SagaMetrics(metrics::Registry& registry);

    /// How an order ended.
    struct Ended {
        Duration took{0};                        ///< since it was placed
        std::optional<events::FailureCode> why;  ///< set = it was undone
    };
    void ended(const Ended& order) const;

    /// The open orders of all processes, as the database has them. States that are not named have none.
    void open(const std::map<SagaState, OpenOrders>& orders) const;

private:
    struct StateGauges {
        metrics::Gauge count;
        metrics::Gauge oldest;
    };
    metrics::Timer completed_;
    metrics::Timer cancelled_;
    std::map<events::FailureCode, metrics::Counter> undone_;
    std::map<SagaState, StateGauges> states_;
    metrics::Gauge needs_attention_;
    metrics::Gauge open_;
};

/// What to report when a change brought `order` to its end; nothing while it is open.
[[nodiscard]] std::optional<SagaMetrics::Ended> end_of(const Order& order);

}  // namespace platform::order
