#include "shared/http/management.hpp"

#include <limits>
#include <string>

namespace platform::http {

Server::Options read_management(config::Reader& reader, std::uint16_t http_port) {
    constexpr int kDistance = 100;
    constexpr int kMaxPort = std::numeric_limits<std::uint16_t>::max();
    const int usual = http_port == 0 || http_port > kMaxPort - kDistance ? 0 : http_port + kDistance;
    Server::Options options;
    options.host = "127.0.0.1";
    options.port = static_cast<std::uint16_t>(reader.integer(
        {.name = "MANAGEMENT_PORT",
         .meaning = "Port, on 127.0.0.1 alone, of actuator writes and admin operations; HTTP_PORT + 100 when not set; 0 takes any free one.",
         .fallback = std::to_string(usual),
         .unit = "port"},
        0,
        kMaxPort
    ));
    options.threads = 1;
    options.max_connections = 64;
    return options;
}

}  // namespace platform::http
