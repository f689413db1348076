#pragma once
#include "shared/core/clock.hpp"
#include "shared/tracing/span.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace platform::otlp {

/// A span that has ended, on its way to the collector.
struct FinishedSpan {
    tracing::Kind kind = tracing::Kind::Internal;
    std::string name{};
    std::string traceparent{};     ///< its own: trace and span
    std::string parent_span_id{};  ///< empty for the first span of a trace
    WallTime begin{};
    WallTime end{};
    std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>> attributes{};
    bool failed = false;
    std::string why{};
};

/// Who the spans are from: resource attributes of OpenTelemetry.
struct Origin {
    std::string service;   ///< service.name
    std::string instance;  ///< service.instance.id
};

}  // namespace platform::otlp
