#pragma once
#include "shared/http/server.hpp"
#include "shared/runtime/health.hpp"
#include "shared/telemetry/metrics.hpp"

#include <string>

namespace platform::http {

/// Adds GET /actuator, /actuator/health and its parts, /actuator/info, /actuator/prometheus, /actuator/metrics and /actuator/loggers to a server.
/// Health, info and loggers answer on the I/O thread; metrics are rendered on a thread of its own. Everything given must outlive the servers.
/// A scrape while one is being rendered waits for that one. Adds the gauge application_ready to `registry`, and the components ping and
/// diskSpace to `health`.
class Actuator {
public:
    /// All of it on one server: health and info with their details; levels of loggers can only be read.
    Actuator(Server& server, Health& health, metrics::Registry& registry, std::string application);
    /// Both servers have the reads; the details of health, the operating system in info and the change of a logger's level are for `management` alone.
    Actuator(Server& api, Server& management, Health& health, metrics::Registry& registry, std::string application);
    ~Actuator();
    Actuator(const Actuator&) = delete;
    Actuator& operator=(const Actuator&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
