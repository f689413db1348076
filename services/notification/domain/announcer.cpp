#include "services/notification/domain/announcer.hpp"

#include <utility>

namespace platform::notification {

Announcer::Announcer(Options options, const Clock& clock, UuidGenerator& ids, metrics::Registry& registry)
    : options_(options),
      clock_(clock),
      ids_(ids),
      log_{
          .sent = registry.counter("notification_sent_total", "Notifications sent", {{"channel", std::string(kLog)}}),
          .failed = registry.counter("notification_failed_total", "Notifications given up", {{"channel", std::string(kLog)}})
      },
      email_{
          .sent = registry.counter("notification_sent_total", "Notifications sent", {{"channel", std::string(kEmail)}}),
          .failed = registry.counter("notification_failed_total", "Notifications given up", {{"channel", std::string(kEmail)}})
      } {}

std::vector<events::Event> Announcer::sent(std::span<const Message> messages) {
    std::vector<events::Event> told;
    for (const auto& message : messages) {
        counts(message).sent.add();
        if (!options_.emit_events) continue;
        told.push_back(event(message, events::NotificationSent{.kind = message.kind, .channel = message.channel}));
    }
    return told;
}

std::vector<events::Event> Announcer::failed(const Message& message, const std::string& reason) {
    counts(message).failed.add();
    if (!options_.emit_events) return {};
    return {event(message, events::NotificationFailed{.kind = message.kind, .channel = message.channel, .reason = reason})};
}

events::Event Announcer::event(const Message& message, events::Payload payload) {
    return {
        .metadata =
            {.event_id = EventId{ids_.next()},
             .correlation_id = message.correlation_id,
             .causation_id = std::nullopt,
             .occurred_at = clock_.wall(),
             .source_service = "notification-service",
             .version = events::kVersion,
             .traceparent = message.traceparent},
        .order_id = message.order_id,
        .payload = std::move(payload),
    };
}

}  // namespace platform::notification
