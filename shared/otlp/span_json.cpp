#include "shared/otlp/span_json.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"

#include <charconv>
#include <chrono>
#include <variant>

namespace platform::otlp {
namespace {

// Where the ids stand in a traceparent.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceLength = 32;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kSpanLength = 16;

int to_number(tracing::Kind kind) {
    switch (kind) {
        case tracing::Kind::Internal: return 1;
        case tracing::Kind::Server: return 2;
        case tracing::Kind::Client: return 3;
        case tracing::Kind::Producer: return 4;
        case tracing::Kind::Consumer: return 5;
    }
    return 1;
}

std::string nanoseconds(WallTime time) {
    return std::to_string(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

void write_text(json::Writer& out, std::string_view key, std::string_view value) {
    out.begin_object().field("key", key).key("value").begin_object().field("stringValue", value).end_object().end_object();
}

void write_number(json::Writer& out, std::string_view key, std::int64_t value) {
    out.begin_object().field("key", key).key("value").begin_object().field("intValue", std::to_string(value)).end_object().end_object();
}

void write_span(json::Writer& out, const FinishedSpan& span) {
    constexpr int kError = 2;
    const std::string_view ids = span.traceparent;
    out.begin_object()
        .field("traceId", ids.substr(kTraceAt, kTraceLength))
        .field("spanId", ids.substr(kSpanAt, kSpanLength));
    if (!span.parent_span_id.empty()) out.field("parentSpanId", span.parent_span_id);
    out.field("name", span.name)
        .field("kind", to_number(span.kind))
        .field("startTimeUnixNano", nanoseconds(span.begin))
        .field("endTimeUnixNano", nanoseconds(span.end));
    out.key("attributes").begin_array();
    for (const auto& [key, value] : span.attributes) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            write_number(out, key, *number);
        } else {
            write_text(out, key, std::get<std::string>(value));
        }
    }
    out.end_array();
    if (span.failed) out.key("status").begin_object().field("code", kError).field("message", span.why).end_object();
    out.end_object();
}

}  // namespace

std::string to_json(const Origin& origin, std::span<const FinishedSpan> spans) {
    json::Writer out;
    out.begin_object().key("resourceSpans").begin_array().begin_object();
    out.key("resource").begin_object().key("attributes").begin_array();
    write_text(out, "service.name", origin.service);
    write_text(out, "service.namespace", "orderplatform");
    write_text(out, "service.version", PLATFORM_VERSION);
    write_text(out, "service.instance.id", origin.instance);
    out.end_array().end_object();
    out.key("scopeSpans").begin_array().begin_object();
    out.key("scope").begin_object().field("name", "orderplatform").field("version", PLATFORM_VERSION).end_object();
    out.key("spans").begin_array();
    for (const FinishedSpan& span : spans) write_span(out, span);
    out.end_array().end_object().end_array().end_object().end_array().end_object();
    return out.take();
}

std::uint64_t rejected_in(std::string_view answer) {
    const auto parsed = json::parse(answer);
    if (!parsed) return 0;
    const json::Value* partial = parsed->find("partialSuccess");
    const json::Value* rejected = partial != nullptr ? partial->find("rejectedSpans") : nullptr;
    std::uint64_t count = 0;
    if (rejected != nullptr) {
        const std::string& text = rejected->text();
        const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
        if (read.ec != std::errc{}) return 0;
    }
    return count;
}

}  // namespace platform::otlp
