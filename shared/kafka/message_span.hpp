#pragma once
#include "shared/kafka/headers.hpp"
#include "shared/tracing/span.hpp"

#include <string>
#include <string_view>

namespace platform::kafka {

/// What the span of a record says whoever works on it, by OpenTelemetry's semantic conventions for messaging. `Message` has topic, key and headers; the ids come
/// from those of CloudEvents. Not for other rooms.
template <class Message>
void describe(tracing::Span& span, std::string_view operation, const Message& message) {
    span.set("messaging.system", "kafka");
    span.set("messaging.operation.type", operation);
    span.set("messaging.operation.name", operation);
    span.set("messaging.destination.name", message.topic);
    span.set("messaging.kafka.message.key", message.key);
    if (const auto* id = find_header(message.headers, "ce_id")) span.set("messaging.message.id", *id);
    if (const auto* id = find_header(message.headers, "ce_correlationid")) span.set("messaging.message.conversation_id", *id);
}

}  // namespace platform::kafka
