#include "services/notification/adapters/send_span.hpp"

namespace platform::notification {

tracing::Span send_span(const tracing::Tracer* tracer, const Message& message) {
    if (tracer == nullptr || !tracer->on() || !tracing::sampled(message.traceparent)) return {};
    tracing::Span span = tracer->below(message.traceparent, tracing::Kind::Client, "notify " + message.channel);
    span.set("notification.kind", message.kind);
    span.set("notification.channel", message.channel);
    span.set("order.id", message.order_id.text());
    return span;
}

}  // namespace platform::notification
