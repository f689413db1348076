#pragma once
#include "shared/core/clock.hpp"
#include "shared/otlp/otlp_settings.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/tracing/tracer.hpp"

#include <string>

namespace platform::otlp {

/// Who the spans are from: resource attributes of OpenTelemetry.
struct Origin {
    std::string service;   ///< service.name
    std::string instance;  ///< service.instance.id
};

/// A tracer whose spans go to the collector of `settings` in batches, by the threads of OpenTelemetry's SDK; off, without a thread, when none is named. Ending
/// a span never waits: it is dropped where `settings.max_queue` wait or are on their way. Traces that begin here are sampled by their id, by `settings.ratio`.
/// A batch is tried once. A stop waits for the batch on its way, and begins no other that could last beyond the time given, nor one after a batch that
/// was not taken; so it lasts that time or `settings.timeout`, whichever is longer. Every span is counted in the end: always declares
/// otel_spans_exported_total and otel_spans_dropped_total. `clock` has to outlive the tracer, and the tracer its spans.
[[nodiscard]] tracing::Tracer
make_tracer(const Settings& settings, const Origin& origin, const Clock& clock, metrics::Registry& registry);

}  // namespace platform::otlp
