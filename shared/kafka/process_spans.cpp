#include "shared/kafka/process_spans.hpp"

#include "shared/kafka/headers.hpp"
#include "shared/kafka/message_span.hpp"

#include <algorithm>

namespace platform::kafka {
namespace {

void mark(tracing::Span& span, const Error& why) {
    span.set("error.type", to_string(why.kind));
    span.fail(why.what);
}

}  // namespace

ProcessSpans::ProcessSpans(const tracing::Tracer* tracer, const std::string& group, std::span<Record> batch) {
    if (tracer == nullptr || !tracer->on()) return;
    for (std::size_t at = 0; at < batch.size(); ++at) {
        Record& record = batch[at];
        std::string* trace = find_header(record.headers, "traceparent");
        if (trace == nullptr || !tracing::sampled(*trace)) continue;
        tracing::Span span = tracer->below(*trace, tracing::Kind::Consumer, "process " + record.topic);
        if (!span) continue;
        describe(span, "process", record);
        span.set("messaging.destination.partition.id", std::to_string(record.partition));
        span.set("messaging.kafka.offset", record.offset);
        span.set("messaging.consumer.group.name", group);
        span.set("messaging.batch.message_count", batch.size());
        *trace = span.traceparent();
        spans_.emplace_back(at, std::move(span));
    }
}

void ProcessSpans::fail(const Error& why) {
    for (auto& [at, span] : spans_) mark(span, why);
}

void ProcessSpans::fail(std::size_t at, const Error& why) {
    const auto found = std::ranges::find(spans_, at, [](const auto& one) { return one.first; });
    if (found != spans_.end()) mark(found->second, why);
}

}  // namespace platform::kafka
