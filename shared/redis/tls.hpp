#pragma once
#include "shared/core/result.hpp"

#include <string>

struct redisContext;

/// TLS of a connection to Redis. Not for other rooms.
namespace platform::redis {

/// Encrypts a connection that has just been made, within the time limits that it has. The server's certificate has to come from an authority in
/// `ca_file` (PEM, read at each call, so that a new one counts without a restart), be valid today and name `server_name` (a name or an address).
/// hiredis checks no name, hence OpenSSL's own check here. Error: Unavailable, saying what is wrong with the certificate; the connection is of no
/// use then. Thread-safe.
[[nodiscard]] Result<void>
start_tls(redisContext& connection, const std::string& ca_file, const std::string& server_name);

}  // namespace platform::redis
