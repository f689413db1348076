#pragma once
#include "shared/core/clock.hpp"
#include "shared/otlp/finished_span.hpp"
#include "shared/otlp/otlp_settings.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/tracing/tracer.hpp"

namespace platform::otlp {

/// A tracer whose spans go to the collector of `settings` in batches, from a thread of its own; off, without a thread, when none is named. Ending a span never
/// waits (SpanExporter). Traces that begin here are sampled by their id, by `settings.ratio`. Always declares otel_spans_exported_total and
/// otel_spans_dropped_total. `clock` has to outlive the tracer, and the tracer its spans.
[[nodiscard]] tracing::Tracer
make_tracer(const Settings& settings, const Origin& origin, const Clock& clock, metrics::Registry& registry);

}  // namespace platform::otlp
