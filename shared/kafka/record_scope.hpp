#pragma once
#include "shared/kafka/record.hpp"
#include "shared/telemetry/log.hpp"
#include "shared/telemetry/log_context.hpp"

namespace platform::kafka {

/// While it lives, log lines of this thread name the request, the trace and the order that a record belongs to, as far as its headers and its
/// key tell. Not for other rooms.
class RecordScope {
public:
    explicit RecordScope(const Record& record);

private:
    log::CorrelationScope correlation_;
    log::TraceScope trace_;
    log::OrderScope order_;
};

}  // namespace platform::kafka
