#include "shared/otlp/otlp_recorder.hpp"

#include "shared/core/traceparent.hpp"
#include "shared/core/utf8.hpp"
#include "shared/otlp/gate.hpp"
#include "shared/telemetry/log.hpp"

#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/instrumentationscope/instrumentation_scope.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/recordable.h>
#include <opentelemetry/trace/propagation/http_trace_context.h>
#include <opentelemetry/trace/span_context.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::otlp {
namespace {

namespace api = opentelemetry::trace;
namespace nostd = opentelemetry::nostd;
namespace sdk = opentelemetry::sdk;
using Recordable = sdk::trace::Recordable;
using tracing::Kind;

constexpr std::size_t kLargestBatch = 512;

nostd::string_view view(std::string_view text) {
    return {text.data(), text.size()};
}

api::SpanKind to_sdk(Kind kind) {
    switch (kind) {
        case Kind::Internal: return api::SpanKind::kInternal;
        case Kind::Server: return api::SpanKind::kServer;
        case Kind::Client: return api::SpanKind::kClient;
        case Kind::Producer: return api::SpanKind::kProducer;
        case Kind::Consumer: return api::SpanKind::kConsumer;
    }
    return api::SpanKind::kInternal;
}

/// Of a valid traceparent: 00-<32 digits>-<16>-<2>.
api::SpanContext to_sdk(std::string_view traceparent) {
    using Header = api::propagation::HttpTraceContext;
    return {
        Header::TraceIdFromHex(view(traceparent.substr(3, 32))),
        Header::SpanIdFromHex(view(traceparent.substr(36, 16))),
        Header::TraceFlagsFromHex(view(traceparent.substr(53, 2))),
        false
    };
}

/// What was told of a span. Its attributes stand one behind the other in `text`, so that a request pays for few allocations.
struct Told {
    struct Attribute {
        std::size_t name_size;
        std::size_t value_size;
        std::optional<std::int64_t> number;
    };
    Kind kind;
    std::string name;
    std::string traceparent;
    std::string parent;  ///< its traceparent; empty for the first span of a trace
    WallTime begin;
    Duration length{};
    std::optional<std::string> failure{};
    std::string text{};
    std::vector<Attribute> attributes{};
};

/// Paths and keys come from outside, and what is no UTF-8 would make protobuf complain on standard error.
void tell(const Told& told, Recordable& span) {
    const api::SpanContext context = to_sdk(told.traceparent);
    span.SetName(view(utf8::repaired(told.name)));
    span.SetIdentity(context, told.parent.empty() ? api::SpanId() : to_sdk(told.parent).span_id());
    span.SetTraceFlags(context.trace_flags());
    span.SetSpanKind(to_sdk(told.kind));
    span.SetStartTime(opentelemetry::common::SystemTimestamp(told.begin.time_since_epoch()));
    span.SetDuration(told.length);
    if (told.failure) span.SetStatus(api::StatusCode::kError, view(utf8::repaired(*told.failure)));
    std::string_view rest = told.text;
    for (const auto& [name_size, value_size, number] : told.attributes) {
        const std::string_view name = rest.substr(0, name_size);
        const std::string_view value = rest.substr(name_size, value_size);
        rest.remove_prefix(name_size + value_size);
        if (number) {
            span.SetAttribute(view(name), *number);
        } else {
            span.SetAttribute(view(name), view(utf8::repaired(value)));
        }
    }
}

/// A span on its way through the SDK's queue, which only carries it. The exporter's thread makes an OTLP message of it, a batch at a time: between the
/// steps of a request, where nothing of protobuf is in the processor's caches, the same would cost several times as much.
class WaitingSpan final : public Recordable {
public:
    explicit WaitingSpan(Told what) : told(std::move(what)) {}
    Told told;

    void SetIdentity(const api::SpanContext& /*context*/, api::SpanId /*parent*/) noexcept override {}
    void SetAttribute(nostd::string_view /*key*/, const opentelemetry::common::AttributeValue& /*value*/) noexcept override {}
    void AddEvent(
        nostd::string_view /*name*/,
        opentelemetry::common::SystemTimestamp /*at*/,
        const opentelemetry::common::KeyValueIterable& /*attributes*/
    ) noexcept override {}
    void AddLink(const api::SpanContext& /*to*/, const opentelemetry::common::KeyValueIterable& /*attributes*/) noexcept override {}
    void SetStatus(api::StatusCode /*code*/, nostd::string_view /*why*/) noexcept override {}
    void SetName(nostd::string_view /*name*/) noexcept override {}
    void SetSpanKind(api::SpanKind /*kind*/) noexcept override {}
    void SetResource(const sdk::resource::Resource& /*resource*/) noexcept override {}
    void SetStartTime(opentelemetry::common::SystemTimestamp /*at*/) noexcept override {}
    void SetDuration(std::chrono::nanoseconds /*length*/) noexcept override {}
    void SetInstrumentationScope(const sdk::instrumentationscope::InstrumentationScope& /*scope*/) noexcept override {}
};

/// What all spans of a process have in common. Immutable.
struct Common {
    explicit Common(const Origin& origin)
        : resource(sdk::resource::Resource::Create(
              {{"service.name", view(origin.service)},
               {"service.namespace", view("orderplatform")},
               {"service.version", view(PLATFORM_VERSION)},
               {"service.instance.id", view(origin.instance)}}
          )),
          scope(sdk::instrumentationscope::InstrumentationScope::Create("orderplatform", PLATFORM_VERSION)) {}

    const sdk::resource::Resource resource;
    const nostd::unique_ptr<sdk::instrumentationscope::InstrumentationScope> scope;
};

/// What became of the spans. Thread-safe.
struct Tally {
    std::atomic<std::uint64_t> exported{0};
    std::atomic<std::uint64_t> dropped{0};
};

/// What the SDK has to say: lines at debug, and its first error as a reason. It tells whole answers of the collector, and URLs; these stay out. Thread-safe.
class SdkMessages final : public sdk::common::internal_log::LogHandler {
public:
    /// The SDK has one place for its messages in a process.
    static SdkMessages& of_process() {
        static const std::shared_ptr<SdkMessages> only = [] {  // with the SDK, which may speak until the process ends
            auto made = std::make_shared<SdkMessages>();
            const std::shared_ptr<LogHandler> handler = made;
            sdk::common::internal_log::GlobalLogHandler::SetLogHandler(nostd::shared_ptr<LogHandler>(handler));
            return made;
        }();
        return *only;
    }

    void Handle(
        sdk::common::internal_log::LogLevel level,
        const char* /*file*/,
        int /*line*/,
        const char* message,
        const sdk::common::AttributeMap& /*attributes*/
    ) noexcept override {
        std::string_view text = message == nullptr ? "" : message;
        for (const std::string_view rest : {", Header:", " url: "}) text = text.substr(0, text.find(rest));
        log::debug("OpenTelemetry's SDK has a message", {{"text", text}});
        if (level != sdk::common::internal_log::LogLevel::Error) return;
        const std::lock_guard lock(mutex_);
        if (error_.empty()) error_ = text;
    }
    /// The first error since the last call; empty when there was none.
    std::string take_error() {
        const std::lock_guard lock(mutex_);
        return std::exchange(error_, {});
    }

private:
    std::mutex mutex_;
    std::string error_;  // guarded by mutex_
};

/// Sends batches by the exporter inside, counts what becomes of them, and keeps the pause between them: the SDK's batch processor does so only while its queue is
/// empty, and would send span by span. Called by the SDK's thread.
class CountingExporter final : public sdk::trace::SpanExporter {
public:
    CountingExporter(
        std::unique_ptr<SpanExporter> inner, const Common& common, const Clock& clock, Gate& gate, std::shared_ptr<Tally> tally
    )
        : inner_(std::move(inner)), common_(common), clock_(clock), gate_(gate), tally_(std::move(tally)) {}

    std::unique_ptr<Recordable> MakeRecordable() noexcept override { return nullptr; }  // nobody asks: its spans are WaitingSpans

    sdk::common::ExportResult Export(const nostd::span<std::unique_ptr<Recordable>>& spans) noexcept override {
        using enum sdk::common::ExportResult;
        const std::size_t count = spans.size();
        const bool taken = gate_.open(clock_.now()) && send(spans);
        (taken ? tally_->exported : tally_->dropped) += count;
        gate_.leave(count);
        gate_.pause();
        return taken ? kSuccess : kFailure;
    }
    bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return inner_->ForceFlush(timeout); }
    bool Shutdown(std::chrono::microseconds timeout) noexcept override { return inner_->Shutdown(timeout); }

private:
    bool send(const nostd::span<std::unique_ptr<Recordable>>& spans) {
        std::vector<std::unique_ptr<Recordable>> made;
        made.reserve(spans.size());
        for (const auto& span : spans) made.push_back(make(static_cast<const WaitingSpan&>(*span).told));
        static_cast<void>(SdkMessages::of_process().take_error());
        const auto result = inner_->Export({made.data(), made.size()});
        const std::string why = SdkMessages::of_process().take_error();
        // The exporter of 1.19 answers kSuccess to everything; that a batch was not taken is told by its messages alone, before it returns.
        const bool taken = result == sdk::common::ExportResult::kSuccess && why.empty();
        if (!taken) gate_.lost();
        if (std::exchange(healthy_, taken) == taken) return taken;  // a line when it changes, not for every batch
        if (taken) {
            log::info("the collector takes spans again");
        } else {
            log::warn("the collector does not take spans; they are dropped and counted", {{"why", why}});
        }
        return taken;
    }

    std::unique_ptr<Recordable> make(const Told& told) {
        auto span = inner_->MakeRecordable();
        tell(told, *span);
        span->SetInstrumentationScope(*common_.scope);
        span->SetResource(common_.resource);
        return span;
    }

    std::unique_ptr<SpanExporter> inner_;
    const Common& common_;
    const Clock& clock_;
    Gate& gate_;
    std::shared_ptr<Tally> tally_;  // with the metrics
    bool healthy_ = true;
};

std::unique_ptr<sdk::trace::SpanExporter> make_exporter(const Settings& settings) {
    using opentelemetry::exporter::otlp::HttpRequestContentType;
    opentelemetry::exporter::otlp::OtlpHttpExporterOptions options;  // has read the environment; what we have settings for comes from them
    options.url = settings.url;
    options.content_type = settings.json ? HttpRequestContentType::kJson : HttpRequestContentType::kBinary;
    options.timeout = std::chrono::duration_cast<std::chrono::system_clock::duration>(settings.timeout);
    options.http_headers.clear();
    for (const auto& [name, value] : settings.headers) options.http_headers.emplace(name, value);
    options.compression = "none";
    options.retry_policy_max_attempts = 0;
    return opentelemetry::exporter::otlp::OtlpHttpExporterFactory::Create(options);
}

/// The SDK's batch processor and exporter. Thread-safe.
class Pipeline {
public:
    Pipeline(const Settings& settings, const Origin& origin, const Clock& clock, std::shared_ptr<Tally> tally)
        : common_(origin),
          clock_(clock),
          timeout_(settings.timeout),
          tally_(std::move(tally)),
          gate_({.room = settings.max_queue, .enough = std::min(kLargestBatch, settings.max_queue / 2), .pause = settings.send_pause}) {
        SdkMessages::of_process();
        sdk::trace::BatchSpanProcessorOptions options;
        options.max_queue_size = settings.max_queue;
        options.max_export_batch_size = std::min(kLargestBatch, settings.max_queue);
        options.schedule_delay_millis = std::chrono::duration_cast<std::chrono::milliseconds>(settings.send_pause);
        processor_ = sdk::trace::BatchSpanProcessorFactory::Create(
            std::make_unique<CountingExporter>(make_exporter(settings), common_, clock, gate_, tally_), options
        );
    }
    ~Pipeline() { shut_down(Duration::zero()); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// Never waits.
    void send(Told span) {
        if (gate_.enter()) {
            processor_->OnEnd(std::make_unique<WaitingSpan>(std::move(span)));
        } else {
            ++tally_->dropped;
        }
    }

    /// See make_tracer(). Idempotent.
    void shut_down(Duration within) {
        if (ended_.exchange(true)) return;
        gate_.end(clock_.now() + within - timeout_);
        processor_->Shutdown(std::chrono::duration_cast<std::chrono::microseconds>(within));  // sends, by the exporter above, and joins
        tally_->dropped += gate_.stranded();
    }

private:
    const Common common_;
    const Clock& clock_;
    const Duration timeout_;
    const std::shared_ptr<Tally> tally_;  // with the metrics
    std::atomic<bool> ended_{false};
    Gate gate_;
    std::unique_ptr<sdk::trace::SpanProcessor> processor_;  // last: its thread uses all of the above
};

class OtlpRecording final : public tracing::Recording {
public:
    OtlpRecording(Told begun, const Clock& clock, Pipeline& pipeline) : told_(std::move(begun)), clock_(clock), pipeline_(pipeline) {
        constexpr std::size_t kUsualText = 512;
        constexpr std::size_t kUsualAttributes = 12;
        told_.text.reserve(kUsualText);
        told_.attributes.reserve(kUsualAttributes);
    }
    OtlpRecording(const OtlpRecording&) = delete;
    OtlpRecording& operator=(const OtlpRecording&) = delete;
    ~OtlpRecording() override {
        told_.length = std::max(Duration::zero(), Duration(clock_.wall() - told_.begin));
        pipeline_.send(std::move(told_));
    }

    void set(std::string_view name, std::string_view value) override { add(name, value, std::nullopt); }
    void set(std::string_view name, std::int64_t value) override { add(name, {}, value); }
    void fail(std::string_view why) override { told_.failure = why; }
    [[nodiscard]] const std::string& traceparent() const override { return told_.traceparent; }

private:
    void add(std::string_view name, std::string_view value, std::optional<std::int64_t> number) {
        told_.text.append(name).append(value);
        told_.attributes.push_back({.name_size = name.size(), .value_size = value.size(), .number = number});
    }

    Told told_;
    const Clock& clock_;
    Pipeline& pipeline_;
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

/// Ids and sampling are decided already, so that none of the SDK's tracers is needed. Thread-safe.
class OtlpRecorder final : public tracing::Recorder {
public:
    OtlpRecorder(const Settings& settings, const Origin& origin, const Clock& clock, std::shared_ptr<Tally> tally)
        : clock_(clock), ids_(clock), ratio_(settings.ratio), pipeline_(settings, origin, clock, std::move(tally)) {}

    std::unique_ptr<tracing::Recording> record(Kind kind, std::string_view name, std::string_view parent) override {
        std::string own = traceparent::next_hop(parent, ids_);
        if (parent.empty()) {
            if (!chosen(own, ratio_)) return nullptr;
            own.back() = '1';  // the sampled flag
        }
        Told begun{
            .kind = kind,
            .name = std::string(name),
            .traceparent = std::move(own),
            .parent = std::string(parent),
            .begin = clock_.wall(),
        };
        return std::make_unique<OtlpRecording>(std::move(begun), clock_, pipeline_);
    }
    void shut_down(Duration within) override { pipeline_.shut_down(within); }

private:
    const Clock& clock_;
    UuidGenerator ids_;
    double ratio_;
    Pipeline pipeline_;
};

}  // namespace

tracing::Tracer
make_tracer(const Settings& settings, const Origin& origin, const Clock& clock, metrics::Registry& registry) {
    const auto tally = std::make_shared<Tally>();  // with the pipeline and the metrics
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
