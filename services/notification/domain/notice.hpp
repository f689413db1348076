#pragma once
#include "services/notification/domain/template.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <optional>
#include <string>

namespace platform::notification {

/// What one event has to tell its customer, before anybody asked where and how.
struct Notice {
    OrderId order_id;
    std::string kind;     ///< the name of one of kinds()
    std::string user_id;  ///< empty when the event does not say
    bool user_left_out = false;  ///< no customer here, though others of the order may name one
    std::string correlation_id;
    std::string traceparent = {};
    Values values;  ///< for the placeholders of the kind, but for userId
};

/// Nothing for events that do not concern the customer. Pure.
[[nodiscard]] std::optional<Notice> notice_of(const events::Event& event);

}  // namespace platform::notification
