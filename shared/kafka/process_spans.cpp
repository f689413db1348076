#include "shared/kafka/process_spans.hpp"

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
        const auto trace = std::ranges::find_if(record.headers, [](const auto& header) { return header.first == "traceparent"; });
        if (trace == record.headers.end() || !tracing::sampled(trace->second)) continue;
        tracing::Span span = tracer->below(trace->second, tracing::Kind::Consumer, "process " + record.topic);
        if (!span) continue;
        describe(span, "process", record);
        span.set("messaging.destination.partition.id", std::to_string(record.partition));
        span.set("messaging.kafka.offset", record.offset);
        span.set("messaging.consumer.group.name", group);
        span.set("messaging.batch.message_count", batch.size());
        trace->second = span.traceparent();
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
