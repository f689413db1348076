#pragma once
#include "shared/core/clock.hpp"
#include "shared/telemetry/metrics.hpp"
#include "shared/telemetry/timer_table.hpp"

#include <string>
#include <string_view>
#include <tuple>

namespace platform::http {

/// http_server_requests_seconds{method,uri,status,outcome,error,exception} as Micrometer has it, and the gauges beside it. Thread-safe.
class ServerMetrics {
public:
    explicit ServerMetrics(metrics::Registry& registry);

    /// `uri` is a route's label, "/**" for an unknown path, "UNKNOWN" when there was no request to speak of. `exception` is "none" or a
    /// name from a fixed set.
    void answered(
        std::string_view method, std::string_view uri, int status, std::string_view exception, Duration duration
    );
    void request_began() const { active_.add(1); }
    void request_ended() const { active_.add(-1); }
    void connection_opened() const { connections_.add(1); }
    void connection_closed() const { connections_.add(-1); }
    void connection_refused() const { refused_.add(); }
    void write_given_up() const { write_failures_.add(); }

private:
    metrics::Registry& registry_;
    metrics::Gauge active_;
    metrics::Gauge connections_;
    metrics::Counter refused_;
    metrics::Counter write_failures_;
    metrics::TimerTable<std::tuple<std::string, std::string, int, std::string>> timers_;  // bounded by routes × statuses
};

/// SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR.
[[nodiscard]] std::string_view outcome_of(int status);

}  // namespace platform::http
