#include "shared/kafka/send_spans.hpp"

#include "shared/kafka/headers.hpp"
#include "shared/kafka/message_span.hpp"

#include <utility>

namespace platform::kafka {

std::string SendSpans::begin(const OutgoingRecord& record, Producer::Token token) {
    if (tracer_ == nullptr || !tracer_->on()) return {};
    const std::string* trace = find_header(record.headers, "traceparent");
    if (trace == nullptr || !tracing::sampled(*trace)) return {};
    tracing::Span span = tracer_->below(*trace, tracing::Kind::Producer, "send " + record.topic);
    if (!span) return {};
    describe(span, "send", record);
    span.set("messaging.client.id", client_id_);
    std::string traceparent = span.traceparent();
    const std::scoped_lock guard(mutex_);
    spans_.insert_or_assign(token, std::move(span));
    open_ = spans_.size();
    return traceparent;
}

tracing::Span SendSpans::take(Producer::Token token) {
    if (open_ == 0) return {};
    const std::scoped_lock guard(mutex_);
    auto found = spans_.extract(token);
    open_ = spans_.size();
    return found.empty() ? tracing::Span{} : std::move(found.mapped());
}

void SendSpans::refused(Producer::Token token, const Error& why) {
    take(token).fail(why.what);
}

void SendSpans::delivered(Producer::Token token, std::int32_t partition, std::int64_t offset, const Result<void>& fate) {
    tracing::Span span = take(token);
    if (!span) return;
    if (fate) {
        span.set("messaging.destination.partition.id", std::to_string(partition));
        span.set("messaging.kafka.offset", offset);
    } else {
        span.set("error.type", to_string(fate.error().kind));
        span.fail(fate.error().what);
    }
}

}  // namespace platform::kafka
