#include "services/payment/adapters/order_events_handler.hpp"

#include <utility>
#include <variant>

namespace platform::payment {

Result<void> OrderEventsHandler::apply(std::span<const kafka::Record> batch) {
    auto events = service::decode_batch(batch);
    if (!events) return fail(std::move(events).error());
    std::erase_if(*events, [](const events::Event& event) {
        return !std::holds_alternative<events::OrderCreated>(event.payload) &&
               !std::holds_alternative<events::OrderCancelled>(event.payload);
    });
    return process_.handle(*events);
}

Result<void> OrderEventsHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return dead_letters_.store(record, why);
}

}  // namespace platform::payment
