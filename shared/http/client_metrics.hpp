#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/http/client.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/telemetry/timer_table.hpp"

#include <string>
#include <string_view>
#include <tuple>

namespace platform::http {

/// http_client_requests_seconds{client_name,method,uri,status,outcome,error,exception} as Spring has it, of the calls of one other service.
/// Thread-safe.
class ClientMetrics {
public:
    /// `client_name` names the service that is called.
    ClientMetrics(metrics::Registry& registry, std::string client_name);

    /// One call that went out. `uri` is a template from a bounded set, never a path with ids. A call without an answer has the status CLIENT_ERROR,
    /// the outcome UNKNOWN and the kind of its error as exception.
    void sent(std::string_view method, std::string_view uri, const Result<ClientResponse>& answer, Duration took);

private:
    metrics::Registry& registry_;
    const std::string client_name_;
    metrics::TimerTable<std::tuple<std::string, std::string, int, std::string>> timers_;  // bounded by templates × statuses
};

}  // namespace platform::http
