#pragma once
#include "shared/http/server.hpp"
#include "shared/tracing/tracer.hpp"

namespace platform::http {

/// `handler` with a server span around each request whose trace is recorded, from its arrival to its answer. The handler then finds the span's traceparent in
/// place of the request's, so that what it calls and sends hangs below it; a `tracestate` without a valid traceparent is taken away. A request that brings no
/// trace may begin one. `tracer` has to outlive the handler.
[[nodiscard]] Handler traced(const tracing::Tracer& tracer, Handler handler);

}  // namespace platform::http
