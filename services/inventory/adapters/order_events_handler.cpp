#include "services/inventory/adapters/order_events_handler.hpp"

#include <utility>
#include <vector>

namespace platform::inventory {

Result<void> OrderEventsHandler::apply(std::span<const kafka::Record> batch) {
    auto events = service::decode_batch(batch);
    if (!events) return fail(std::move(events).error());
    std::erase_if(*events, [](const events::Event& event) { return !concerns_stock(event.payload); });
    const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = clock_.wall()};
    return store_.apply(
        *events,
        [&](const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks) {
            return on_order_event(event, reservation, stocks, stamp);
        }
    );
}

Result<void> OrderEventsHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return dead_letters_.store(record, why);
}

}  // namespace platform::inventory
