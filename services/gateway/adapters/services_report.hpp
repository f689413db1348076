#pragma once
#include "services/gateway/domain/consumer_lag.hpp"
#include "services/gateway/domain/endpoints.hpp"

#include <span>
#include <string>

namespace platform::gateway {

/// The body of GET /actuator/services: every service and pod, UP or DOWN, this gateway among them, and the lag of the services' consumers. A service
/// is UP when one of its pods is.
[[nodiscard]] std::string services_report(
    const std::string& instance,
    bool ready,
    std::span<const Endpoints* const> services,
    std::span<const GroupLag> consumers
);

}  // namespace platform::gateway
