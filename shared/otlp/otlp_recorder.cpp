#include "shared/otlp/otlp_recorder.hpp"

#include "shared/core/traceparent.hpp"
#include "shared/otlp/span_exporter.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace platform::otlp {
namespace {

using tracing::Kind;

constexpr std::size_t kSpanAt = 36;  // in a traceparent
constexpr std::size_t kSpanLength = 16;

class OtlpRecording final : public tracing::Recording {
public:
    OtlpRecording(FinishedSpan span, const Clock& clock, SpanExporter& exporter)
        : span_(std::move(span)), clock_(clock), exporter_(exporter) {}
    OtlpRecording(const OtlpRecording&) = delete;
    OtlpRecording& operator=(const OtlpRecording&) = delete;
    ~OtlpRecording() override {
        span_.end = clock_.wall();
        exporter_.add(std::move(span_));
    }

    void set(std::string_view name, std::string_view value) override { span_.attributes.emplace_back(name, std::string(value)); }
    void set(std::string_view name, std::int64_t value) override { span_.attributes.emplace_back(name, value); }
    void fail(std::string_view why) override {
        span_.failed = true;
        span_.why = why;
    }
    [[nodiscard]] const std::string& traceparent() const override { return span_.traceparent; }

private:
    FinishedSpan span_;
    const Clock& clock_;
    SpanExporter& exporter_;
};

/// By the 56 bits at the end of the trace's id, which are chance in any of the ways to make one: whoever asks this of the same trace decides alike.
bool chosen(std::string_view traceparent, double ratio) {
    constexpr std::size_t kChanceAt = 21;
    constexpr std::size_t kChanceLength = 14;
    constexpr int kChanceBits = 56;
    const std::string_view digits = traceparent.substr(kChanceAt, kChanceLength);
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return static_cast<double>(value) < std::ldexp(ratio, kChanceBits);
}

/// Thread-safe.
class OtlpRecorder final : public tracing::Recorder {
public:
    OtlpRecorder(const Settings& settings, const Origin& origin, const Clock& clock, std::shared_ptr<Tally> tally)
        : clock_(clock), ids_(clock), ratio_(settings.ratio), exporter_(settings, origin, clock, std::move(tally)) {}

    std::unique_ptr<tracing::Recording> record(Kind kind, std::string_view name, std::string_view parent) override {
        std::string own = traceparent::next_hop(parent, ids_);
        if (parent.empty()) {
            if (!chosen(own, ratio_)) return nullptr;
            own.back() = '1';  // the sampled flag
        }
        FinishedSpan span;
        span.kind = kind;
        span.name = name;
        span.traceparent = std::move(own);
        if (!parent.empty()) span.parent_span_id = parent.substr(kSpanAt, kSpanLength);
        span.begin = clock_.wall();
        return std::make_unique<OtlpRecording>(std::move(span), clock_, exporter_);
    }
    void shut_down(Duration within) override { exporter_.shut_down(within); }

private:
    const Clock& clock_;
    UuidGenerator ids_;
    double ratio_;
    SpanExporter exporter_;
};

}  // namespace

tracing::Tracer
make_tracer(const Settings& settings, const Origin& origin, const Clock& clock, metrics::Registry& registry) {
    const auto tally = std::make_shared<Tally>();  // with the exporter and the metrics
    registry.counter_from("otel_spans_exported_total", "Spans that the collector took", {}, [tally] {
        return static_cast<double>(tally->exported);
    });
    registry.counter_from(
        "otel_spans_dropped_total", "Spans that found no room, or that the collector did not take", {}, [tally] {
            return static_cast<double>(tally->dropped);
        }
    );
    if (settings.url.empty()) return {};
    return tracing::Tracer(std::make_unique<OtlpRecorder>(settings, origin, clock, tally));
}

}  // namespace platform::otlp
