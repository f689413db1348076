#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/events/events.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace platform::notification {

inline OrderId order_named(const std::string& name) {
    return OrderId{Uuid::of_name(name)};
}

/// An event for tests; `number` makes its id.
inline events::Event event_of(const OrderId& order, int number, events::Payload payload) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event " + std::to_string(number))},
             .correlation_id = "correlation-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "order-service",
             .version = events::kVersion},
        .order_id = order,
        .payload = std::move(payload),
    };
}

inline Message message_for(const std::string& name) {
    Message message;
    message.order_id = order_named(name);
    message.kind = "order-completed";
    message.channel = kEmail;
    message.message_id = name;
    message.user_id = "user-1";
    message.recipient = "user-1@example.org";
    message.subject = "Order complete";
    message.body = "Your order is complete.";
    message.correlation_id = "correlation-1";
    return message;
}

/// The same message by a channel of its own.
inline Message by(std::string_view channel, Message message) {
    message.channel = channel;
    return message;
}

}  // namespace platform::notification
