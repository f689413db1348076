#pragma once
#include "shared/config/settings.hpp"
#include "shared/core/clock.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace platform::otlp {

/// Where spans go, under the names that OpenTelemetry gives such settings. Immutable once read.
struct Settings {
    std::string url;   ///< of the collector's traces; empty = no spans, no thread
    std::vector<std::pair<std::string, std::string>> headers{};  ///< of each request, for a collector that wants a token
    bool json = false;  ///< JSON instead of protobuf
    double ratio = 1;   ///< of the traces that begin here
    std::size_t max_queue = 2048;
    Duration send_pause = std::chrono::seconds(5);
    Duration timeout = std::chrono::seconds(3);  ///< for one export
};

/// Declares and reads OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_EXPORTER_OTLP_{HEADERS,PROTOCOL,TIMEOUT} OTEL_TRACES_SAMPLER_ARG
/// OTEL_BSP_{MAX_QUEUE_SIZE,SCHEDULE_DELAY}.
/// Throws config::SettingError for an endpoint that is no http or https URL.
[[nodiscard]] Settings read_settings(config::Reader& reader);

}  // namespace platform::otlp
