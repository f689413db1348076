#pragma once
#include "shared/http/server.hpp"

namespace platform::http {

/// Spring Boot's loggers endpoint in its JSON shapes. There is one logger, ROOT, and its levels are ERROR, WARN, INFO and DEBUG:
///   GET  /actuator/loggers, /actuator/loggers/:name
/// Call before the server starts.
void declare_logger_reads(Server& server);

/// For the management server alone:
///   POST /actuator/loggers/:name  {"configuredLevel": "DEBUG"}; null, or nothing, gives back the level of the start. Answers 204.
/// Call after log::configure() and before the server starts.
void declare_logger_writes(Server& management);

}  // namespace platform::http
