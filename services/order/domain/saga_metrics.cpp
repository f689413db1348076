#include "services/order/domain/saga_metrics.hpp"

#include <algorithm>
#include <string>

namespace platform::order {
namespace {

using events::FailureCode;

constexpr FailureCode kCodes[] = {
    FailureCode::PaymentDeclined,
    FailureCode::InvalidAmount,
    FailureCode::OutOfStock,
    FailureCode::UnknownProduct,
    FailureCode::CustomerCancelled,
    FailureCode::DeadlineExceeded,
    FailureCode::OrderCancelled,
};

constexpr SagaState kOpenStates[] = {
    SagaState::Created,
    SagaState::PaymentCompleted,
    SagaState::InventoryReserved,
    SagaState::Compensating,
    SagaState::NeedsAttention,
};

metrics::Timer duration_timer(metrics::Registry& registry, const char* outcome) {
    return registry.timer(
        "saga_duration_seconds", "From the placing of an order to its end", {{"outcome", outcome}}
    );
}

}  // namespace

SagaMetrics::SagaMetrics(metrics::Registry& registry)
    : completed_(duration_timer(registry, "completed")),
      cancelled_(duration_timer(registry, "cancelled")),
      needs_attention_(registry.gauge(
          "orders_needs_attention",
          "Cancelled orders whose refund keeps failing; they are asked for slowly"
      )),
      open_(registry.gauge("orders_open", "Orders that have not ended")) {
    for (const FailureCode code : kCodes) {
        undone_.emplace(
            code,
            registry.counter(
                "saga_compensations_total",
                "Orders that were cancelled and wholly undone, by reason",
                {{"reason", std::string(events::code_name(code))}}
            )
        );
    }
    for (const SagaState state : kOpenStates) {
        const metrics::Labels labels{{"state", std::string(to_string(state))}};
        states_.emplace(
            state,
            StateGauges{
                .count = registry.gauge("orders", "Orders that have not ended, by state", labels),
                .oldest = registry.gauge(
                    "orders_oldest_age_seconds",
                    "Age of the oldest order that has not ended, by state",
                    labels
                )
            }
        );
    }
}

void SagaMetrics::ended(const Ended& order) const {
    (order.why ? cancelled_ : completed_).record(std::max(order.took, Duration::zero()));
    if (!order.why) return;
    if (const auto found = undone_.find(*order.why); found != undone_.end()) found->second.add();
}

void SagaMetrics::open(const std::map<SagaState, OpenOrders>& orders) const {
    double sum = 0;
    for (const auto& [state, gauges] : states_) {
        const auto found = orders.find(state);
        const OpenOrders now = found == orders.end() ? OpenOrders{} : found->second;
        gauges.count.set(static_cast<double>(now.count));
        gauges.oldest.set(std::chrono::duration<double>(now.oldest).count());
        sum += static_cast<double>(now.count);
        if (state == SagaState::NeedsAttention) needs_attention_.set(static_cast<double>(now.count));
    }
    open_.set(sum);
}

std::optional<SagaMetrics::Ended> end_of(const Order& order) {
    if (!terminal(order.state()) || !order.times.closed) return std::nullopt;
    SagaMetrics::Ended end{.took = *order.times.closed - order.times.created, .why = std::nullopt};
    if (order.saga.failure) end.why = order.saga.failure->code;
    return end;
}

}  // namespace platform::order
