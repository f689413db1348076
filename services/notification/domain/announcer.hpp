#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"
#include "shared/telemetry/metrics.hpp"

#include <span>
#include <string>
#include <vector>

namespace platform::notification {

/// Makes the events of notification.events, and counts: notification_sent_total and notification_failed_total by channel. Thread-safe.
class Announcer {
public:
    struct Options {
        bool emit_events = true;  ///< false: counts only
    };
    Announcer(Options options, const Clock& clock, UuidGenerator& ids, metrics::Registry& registry);

    /// NOTIFICATION_SENT for each of them.
    [[nodiscard]] std::vector<events::Event> sent(std::span<const Message> messages);
    /// NOTIFICATION_FAILED: this message is given up.
    [[nodiscard]] std::vector<events::Event> failed(const Message& message, const std::string& reason);

private:
    struct Counts {
        metrics::Counter sent;
        metrics::Counter failed;
    };
    [[nodiscard]] events::Event event(const Message& message, events::Payload payload);
    [[nodiscard]] const Counts& counts(const Message& message) const { return message.channel == kLog ? log_ : email_; }

    Options options_;
    const Clock& clock_;
    UuidGenerator& ids_;
    Counts log_;
    Counts email_;
};

}  // namespace platform::notification
