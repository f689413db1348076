#pragma once
#include "services/gateway/domain/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/http/client.hpp"

namespace platform::gateway {

/// A pod is ready when GET /actuator/health/readiness answers 200 in time.
class HttpProber final : public Prober {
public:
    explicit HttpProber(Duration timeout) : timeout_(timeout) {}
    [[nodiscard]] bool ready(const Address& pod) override;

private:
    const Duration timeout_;
    http::Client client_;
};

}  // namespace platform::gateway
