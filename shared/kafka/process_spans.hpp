#pragma once
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"
#include "shared/tracing/tracer.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace platform::kafka {

/// Inner part of the consumer loop: the spans of one batch, from its making to its end, for those of its records whose trace is recorded. Each one's
/// traceparent takes the place of the record's, so that what the handler sends hangs below it. One thread.
class ProcessSpans {
public:
    /// `tracer` may be null.
    ProcessSpans(const tracing::Tracer* tracer, const std::string& group, std::span<Record> batch);

    /// The batch was not applied.
    void fail(const Error& why);
    /// The record at this place of the batch was not applied.
    void fail(std::size_t at, const Error& why);

private:
    std::vector<std::pair<std::size_t, tracing::Span>> spans_;  // by place in the batch
};

}  // namespace platform::kafka
