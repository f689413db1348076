#include "services/order/domain/sweeper.hpp"

#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace platform::order {

Sweeper::Sweeper(
    Options options,
    OrderStore& store,
    const Clock& clock,
    UuidGenerator& ids,
    metrics::Registry& registry,
    std::function<std::size_t()> may_ask
)
    : options_(options),
      store_(store),
      clock_(clock),
      ids_(ids),
      may_ask_(std::move(may_ask)),
      asked_again_(registry.counter("saga_asked_again_total", "Stuck orders that were announced again")),
      expired_(registry.counter("saga_deadline_exceeded_total", "Orders cancelled by their deadline")) {}

std::vector<events::Event> Sweeper::look_at(const Due& due, Order& order) {
#ifdef PLATFORM_MUTANT_DEADLINE_IGNORES_OUTAGE
    if (terminal(order.state())) return {};
#else
    if (terminal(order.state()) || !due.announced) return {};
#endif
    if (!order.times.sent) {
        order.times.sent = due.now;
        ++order.version;
    }
    const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = clock_.wall()};
    const bool late = due.now - *order.times.sent >= options_.deadline;
    if (late && !order.saga.failure) {
        expired_.add();
        const log::CorrelationScope correlation(order.correlation_id);
        log::info("order cancelled by its deadline", {{"order_id", order.id.text()}});
        return on_cancel(
            order,
            {.code = events::FailureCode::DeadlineExceeded, .reason = "The order was not completed in time."},
            stamp
        );
    }
    if (due.idle < options_.stuck_after) return {};
    asked_again_.add();
    return ask_again(order, stamp);
}

Duration Sweeper::step(Instant /*now*/) {
    const std::size_t page = std::min(options_.page, may_ask_());
    if (page == 0) return options_.interval;
    auto due = store_.take_due(page, options_.stuck_after);
    if (!due) {
        log::warn("stuck orders could not be read", {{"why", due.error().what}});
        return options_.interval;
    }
    if (due->empty()) return options_.interval;

    std::vector<Occasion> occasions;
    occasions.reserve(due->size());
    for (const Due& one : *due) occasions.push_back({.order_id = one.order.id, .event_id = std::nullopt});
    const auto changed = store_.change(occasions, [&](std::size_t index, std::optional<Order>& order) {
        return order ? look_at((*due)[index], *order) : std::vector<events::Event>{};
    });
    if (!changed) log::warn("stuck orders could not be asked for again", {{"why", changed.error().what}});
    return options_.interval;  // also after a full page: the rate at which is asked again stays bounded
}

}  // namespace platform::order
