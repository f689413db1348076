#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/tracing/tracer.hpp"

namespace platform::notification {

/// The span of a message on its way to a customer; empty when its order's trace is not recorded, or `tracer` is null.
[[nodiscard]] tracing::Span send_span(const tracing::Tracer* tracer, const Message& message);

}  // namespace platform::notification
