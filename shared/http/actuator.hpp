#pragma once
#include "shared/http/server.hpp"
#include "shared/runtime/health.hpp"
#include "shared/telemetry/metrics.hpp"

#include <string>

namespace platform::http {

/// Adds GET /actuator, /actuator/health, /actuator/health/liveness, /actuator/health/readiness, /actuator/info and /actuator/prometheus to a server.
/// Health and info answer on the I/O thread; the scrape is rendered on a thread of its own. Everything given must outlive the server.
/// A scrape while one is being rendered waits for that one. Adds the gauge application_ready to `registry`.
class Actuator {
public:
    Actuator(Server& server, const Health& health, metrics::Registry& registry, std::string application);
    ~Actuator();
    Actuator(const Actuator&) = delete;
    Actuator& operator=(const Actuator&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
