#pragma once
#include "shared/core/clock.hpp"
#include "shared/otlp/finished_span.hpp"
#include "shared/otlp/otlp_settings.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace platform::otlp {

/// What became of the spans.
struct Tally {
    std::atomic<std::uint64_t> exported{0};
    std::atomic<std::uint64_t> dropped{0};
};

/// Sends spans to the collector in batches, from a thread of its own. Every span is tallied in the end: exported, or dropped because there was no room, because
/// the collector did not take its batch in time, or because it came after the end. A batch is tried once. Thread-safe.
class SpanExporter {
public:
    /// The tally is shared with the metrics, which may outlive this.
    SpanExporter(Settings settings, Origin origin, const Clock& clock, std::shared_ptr<Tally> tally);
    ~SpanExporter();
    SpanExporter(const SpanExporter&) = delete;
    SpanExporter& operator=(const SpanExporter&) = delete;

    /// Never waits.
    void add(FinishedSpan span);
    /// Sends what waits until `within` has passed or a batch is not taken, and drops the rest. Waits for a batch on its way, so for at most
    /// `within` or Settings::timeout, whichever is longer. Idempotent.
    void shut_down(Duration within);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::otlp
