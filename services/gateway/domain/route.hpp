#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::gateway {

/// One row of the routing table: which requests go to which service, and under which protection. Immutable.
struct Route {
    std::string id;
    std::string pattern;  ///< "/api/orders*": this path and all below it
    std::vector<std::string> methods;
    std::string upstream;
    Duration timeout =
        std::chrono::seconds(5);  ///< for a request with all its tries, waiting in the queue included
    int retries = 2;              ///< tries after the first one
    bool rate_limited = false;
    bool breaker = true;
    int max_concurrent_calls = 24;
    std::size_t max_queue = 256;

    friend bool operator==(const Route&, const Route&) = default;
};

/// The paths that the HTTP server has to know for a pattern: "/api/orders*" gives "/api/orders" and
/// "/api/orders/*". A segment ":name" stands for any one. Error: Invalid for a pattern that begins with a
/// variable part or with "/actuator", which stays inside the cluster.
[[nodiscard]] Result<std::vector<std::string>> server_paths(std::string_view pattern);

/// Invalid when a pattern or method is unusable, or when two routes claim the same requests. `what` names the
/// route.
[[nodiscard]] Result<void> check_routes(std::span<const Route> routes);

}  // namespace platform::gateway
