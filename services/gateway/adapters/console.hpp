#pragma once
#include "shared/http/server.hpp"

namespace platform::gateway {

/// Adds the console to a server: GET /, /console.js and /console.css. Static, no build step; the page itself
/// only uses the public API.
void declare_console(http::Server& server);

}  // namespace platform::gateway
