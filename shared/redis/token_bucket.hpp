#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace platform::redis {

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    std::string password;
    std::string tls_ca{};           ///< path; authorities that the server's certificate has to come from; empty = no TLS
    std::string tls_server_name{};  ///< what that certificate has to name; empty = `host`
    Duration connect_timeout = std::chrono::milliseconds(200);
    Duration command_timeout = std::chrono::milliseconds(100);
    Duration reconnect_pause = std::chrono::seconds(1);  ///< after a failure, answers Unavailable at once for this long
};

struct Rate {
    std::int64_t replenish_per_second = 10;
    std::int64_t burst = 20;
    std::int64_t requested = 1;
};
struct Verdict {
    bool allowed = true;
    std::int64_t remaining = 0;
    Duration retry_after{0};  ///< until one request would pass again
};

/// A token bucket in Redis, shared by everyone who uses the same key: a Lua script on Redis's own clock, atomic. Keys as Spring Cloud Gateway's:
/// request_rate_limiter.{<id>}.tokens and .timestamp, but with microseconds. One context, one thread at a time.
class TokenBucket {
public:
    TokenBucket(Options options, const Clock& clock);
    ~TokenBucket();
    TokenBucket(const TokenBucket&) = delete;
    TokenBucket& operator=(const TokenBucket&) = delete;

    /// Errors: Unavailable, Timeout.
    [[nodiscard]] Result<Verdict> take(const std::string& id, const Rate& rate);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::redis
