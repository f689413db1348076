#include "services/notification/adapters/events_handler.hpp"

#include <utility>
#include <vector>

namespace platform::notification {

Result<void> EventsHandler::apply(std::span<const kafka::Record> batch) {
    auto events = service::decode_batch(batch);
    if (!events) return fail(std::move(events).error());
    std::vector<Request> requests;
    for (const auto& event : *events) {
        if (auto message = compose(event, channel_)) {
            requests.push_back({.event_id = event.metadata.event_id, .message = *std::move(message)});
        }
    }
    auto added = store_.add(requests, sender_.lease());
    if (!added) return fail(std::move(added).error());
    sender_.hand_over(*std::move(added));
    return {};
}

Result<void> EventsHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return dead_letters_.store(record, why);
}

}  // namespace platform::notification
