#pragma once
#include "shared/config/settings.hpp"
#include "shared/http/server.hpp"

#include <cstdint>

namespace platform::http {

/// Declares and reads MANAGEMENT_PORT and gives the options of a program's second server: actuator writes and
/// admin operations. It listens on 127.0.0.1 and nowhere else, so that only who may enter the pod gets there
/// (kubectl port-forward). The default is HTTP_PORT + 100, or any free port when HTTP_PORT is 0.
[[nodiscard]] Server::Options read_management(config::Reader& reader, std::uint16_t http_port);

}  // namespace platform::http
