#pragma once
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace platform::notification {

/// One notification: what one customer is told about one step of one order, by one channel. (order_id, kind, channel) names it; it is sent for each such name once.
struct Message {
    OrderId order_id;
    std::string kind;        ///< "order-completed", "payment-failed", ...
    std::string channel;     ///< "log" or "email"
    std::string message_id;  ///< stable, so that a sink can recognise a repeat (RFC 5322 msg-id without angle brackets)
    std::string recipient;   ///< e-mail address, or the user id for the log
    std::string subject;
    std::string body;
    std::string correlation_id;
    int attempts = 0;
};

struct Channel {
    std::string name = "log";
    std::string recipient;  ///< for customers whose user id is no e-mail address; empty = the user id, whatever it is
    std::string domain = "orderplatform.local";  ///< right side of message ids
};

/// What an event of payment.events or order.events tells the customer; nothing for the other events. Whatever an event may hold, the
/// message fits its store. Pure.
[[nodiscard]] std::optional<Message> compose(const events::Event& event, const Channel& channel);

}  // namespace platform::notification
