#pragma once
#include "services/gateway/domain/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/http/client.hpp"

namespace platform::gateway {

/// Reads the consumers' lag from a pod's GET /actuator/prometheus.
class HttpLagSource final : public LagSource {
public:
    explicit HttpLagSource(Duration timeout) : timeout_(timeout) {}
    [[nodiscard]] Result<std::vector<PartitionLag>> lag(const Address& pod) override;

private:
    const Duration timeout_;
    http::Client client_;
};

}  // namespace platform::gateway
