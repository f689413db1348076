#pragma once
#include "shared/core/clock.hpp"
#include "shared/telemetry/metrics.hpp"

#include <optional>
#include <string>

namespace platform::metrics {

/// When the first of the certificates (PEM) in a file ends; nothing when it cannot be read or holds none. Thread-safe.
[[nodiscard]] std::optional<WallTime> earliest_end(const std::string& path);

/// Exports Spring Boot's ssl_chain_expiry_seconds{bundle}: how long all certificates in the file are good for, negative once one is not, NaN while
/// there is none. The file is read at each scrape, so that a Secret which is mounted anew counts at once. An empty path exports nothing.
void export_expiry(Registry& registry, const Clock& clock, const std::string& bundle, const std::string& path);

}  // namespace platform::metrics
