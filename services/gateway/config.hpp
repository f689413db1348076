#pragma once
#include "services/gateway/adapters/proxy.hpp"
#include "services/gateway/adapters/rate_limiter.hpp"
#include "services/gateway/domain/endpoints.hpp"
#include "services/gateway/domain/route.hpp"
#include "shared/config/settings.hpp"
#include "shared/http/server.hpp"
#include "shared/otlp/otlp_settings.hpp"
#include "shared/resilience/settings.hpp"
#include "shared/telemetry/log.hpp"

#include <optional>
#include <string>
#include <vector>

namespace platform::gateway {

/// A service behind the gateway and where its pods are found.
struct Upstream {
    std::string name;
    std::vector<Address> names;
    std::optional<Address> service{};  ///< the Service's own address, for when no known pod can be reached
};

/// Everything that can be set. Immutable once read.
struct Config {
    http::Server::Options http;
    http::Server::Options management;  ///< actuator writes, on loopback alone
    log::Level log_level = log::Level::Info;
    std::string instance_id;
    Duration shutdown_budget = std::chrono::seconds(20);
    Duration drain_delay{0};
    std::vector<Route> routes;
    std::vector<Upstream> upstreams;
    int proxy_threads = 32;
    Proxy::Options proxy;
    resilience::CircuitBreaker::Options breaker;  ///< of all routes, where `resilience` says nothing else
    resilience::Settings resilience;
    otlp::Settings tracing;
    Endpoints::Options ejection;
    Duration discovery_interval = std::chrono::seconds(2);
    Duration probe_timeout = std::chrono::milliseconds(500);
    RateLimiter::Options rate_limit;
};

/// Declares and reads all settings. Faults that one row cannot see (two routes for one path) throw
/// SettingError.
[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::gateway
