#pragma once
#include "shared/kafka/producer.hpp"
#include "shared/tracing/tracer.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace platform::kafka {

/// Inner part of the producer: the spans of records that are on their way to the broker, for those whose trace is recorded. Thread-safe.
class SendSpans {
public:
    SendSpans(const tracing::Tracer* tracer, std::string client_id) : tracer_(tracer), client_id_(std::move(client_id)) {}

    /// Gives the traceparent that the record travels with in place of its own; empty = its own.
    [[nodiscard]] std::string begin(const OutgoingRecord& record, Producer::Token token);
    /// The record is not on its way after all.
    void refused(Producer::Token token, const Error& why);
    void delivered(Producer::Token token, std::int32_t partition, std::int64_t offset, const Result<void>& fate);

private:
    /// Empty for a record without a span.
    [[nodiscard]] tracing::Span take(Producer::Token token);

    const tracing::Tracer* tracer_;
    std::string client_id_;
    std::atomic<std::size_t> open_{0};  // so that records without a span take no lock
    std::mutex mutex_;
    std::unordered_map<Producer::Token, tracing::Span> spans_;  // guarded by mutex_
};

}  // namespace platform::kafka
