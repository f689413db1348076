#include "services/gateway/config.hpp"

#include "shared/config/authorities.hpp"
#include "shared/http/management.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <map>
#include <set>

namespace platform::gateway {
namespace {

using config::Reader;
using config::SettingError;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kMaxPort = 65535;

/// What a route is before anybody sets anything.
struct RouteDefaults {
    const char* pattern = "";
    const char* methods = "GET";
    const char* upstream = "";
    const char* rate_limited = "false";
    const char* calls = "24";
};

const std::map<std::string, RouteDefaults> kRoutes{
    {"orders", {.pattern = "/api/orders*", .methods = "POST", .upstream = "order", .rate_limited = "true"}},
    // Apart, since each client that waits for an order's end (?wait=) keeps a place all the while.
    {"orders-read",
     {.pattern = "/api/orders*", .methods = "GET", .upstream = "order", .rate_limited = "true", .calls = "16"}},
    {"inventory", {.pattern = "/api/inventory*", .methods = "GET,PUT,POST", .upstream = "inventory"}},
    {"payments", {.pattern = "/api/payments*", .methods = "GET,POST", .upstream = "payment"}},
    {"notifications", {.pattern = "/api/notifications*", .upstream = "notification"}},
};
const std::map<std::string, const char*> kAddresses{
    {"order", "127.0.0.1:8081"},
    {"payment", "127.0.0.1:8082"},
    {"inventory", "127.0.0.1:8083"},
    {"notification", "127.0.0.1:8084"},
};

/// The part of a setting's name that stands for a route or service: "order-history" gives ORDER_HISTORY.
std::string name_part(const std::string& setting, const std::string& id) {
    std::string part;
    for (const char c : id) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && c != '-') {
            throw SettingError(
                std::format("{}: '{}' has to be of lower-case letters, digits and dashes", setting, id)
            );
        }
        part += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return part;
}

Route read_route(Reader& reader, const std::string& id) {
    const std::string prefix = "ROUTE_" + name_part("ROUTES", id) + "_";
    const auto known = kRoutes.find(id);
    const bool stranger = known == kRoutes.end();
    const RouteDefaults defaults = stranger ? RouteDefaults{} : known->second;
    Route route;
    route.id = id;
    route.pattern = reader.text(
        {.name = prefix + "PATH",
         .meaning = "Path of the route; a * at the end takes in all below it.",
         .fallback = defaults.pattern,
         .required = stranger}
    );
    route.methods = reader.list(
        {.name = prefix + "METHODS", .meaning = "Methods of the route.", .fallback = defaults.methods}
    );
    route.upstream = reader.text(
        {.name = prefix + "UPSTREAM",
         .meaning = "Service that answers the route.",
         .fallback = defaults.upstream,
         .required = stranger}
    );
    route.timeout = reader.duration(
        {.name = prefix + "TIMEOUT", .meaning = "Time for a request with all its tries.", .fallback = "5s"},
        milliseconds(10),
        minutes(2)
    );
    route.retries = static_cast<int>(reader.integer(
        {.name = prefix + "RETRIES",
         .meaning = "Further tries where they do no harm.",
         .fallback = "2",
         .unit = "tries"},
        0,
        10
    ));
    route.rate_limited = reader.flag(
        {.name = prefix + "RATE_LIMIT",
         .meaning = "Whether the rate limit holds here.",
         .fallback = defaults.rate_limited}
    );
    route.breaker = reader.flag(
        {.name = prefix + "BREAKER", .meaning = "Whether a circuit breaker stands here.", .fallback = "true"}
    );
    route.max_concurrent_calls = static_cast<int>(reader.integer(
        {.name = prefix + "BULKHEAD",
         .meaning = "Calls of the route at a time.",
         .fallback = defaults.calls,
         .unit = "calls"},
        1,
        1024
    ));
    route.max_queue = static_cast<std::size_t>(reader.integer(
        {.name = prefix + "QUEUE",
         .meaning = "Requests that may wait for their turn.",
         .fallback = "256",
         .unit = "requests"},
        1,
        100'000
    ));
    return route;
}

Upstream read_upstream(Reader& reader, const std::string& name) {
    const std::string setting = "UPSTREAM_" + name_part("ROUTES", name);
    const auto known = kAddresses.find(name);
    const auto addresses = reader.list(
        {.name = setting,
         .meaning = std::format(
             "Where the pods of {} are found: a headless service's name or a list of addresses.", name
         ),
         .fallback = known == kAddresses.end() ? "" : known->second,
         .unit = "host:port",
         .required = known == kAddresses.end()}
    );
    Upstream upstream{.name = name, .names = {}};
    for (const auto& text : addresses) {
        auto address = Address::parse(text);
        if (!address) throw SettingError(std::format("{}: {}", setting, address.error().what));
        upstream.names.push_back(*std::move(address));
    }
    const auto service = reader.text(
        {.name = setting + "_SERVICE",
         .meaning = std::format("Address of the Service of {}, asked when none of the pods that are known can be reached.", name),
         .fallback = "",
         .unit = "host:port"}
    );
    if (!service.empty()) {
        auto address = Address::parse(service);
        if (!address) throw SettingError(std::format("{}_SERVICE: {}", setting, address.error().what));
        upstream.service = *std::move(address);
    }
    return upstream;
}

void read_http(Reader& reader, Config& config) {
    config.http.host = reader.text(
        {.name = "HTTP_HOST",
         .meaning = "Address on which the API is served.",
         .fallback = "0.0.0.0",
         .unit = "host"}
    );
    config.http.port = static_cast<std::uint16_t>(reader.integer(
        {.name = "HTTP_PORT",
         .meaning = "Port of the API, health and metrics; 0 takes any free one.",
         .fallback = "8080",
         .unit = "port"},
        0,
        kMaxPort
    ));
    config.http.threads = static_cast<int>(reader.integer(
        {.name = "HTTP_THREADS", .meaning = "Threads that read requests.", .fallback = "2", .unit = "threads"
        },
        1,
        64
    ));
    config.http.max_body_bytes = static_cast<std::size_t>(reader.integer(
        {.name = "HTTP_MAX_BODY",
         .meaning = "Largest body of a request.",
         .fallback = "1048576",
         .unit = "bytes"},
        1,
        64 << 20
    ));
}

void read_process(Reader& reader, Config& config) {
    const std::string level = reader.choice(
        {.name = "LOG_LEVEL", .meaning = "Least level that is logged.", .fallback = "info"},
        {"debug", "info", "warn", "error"}
    );
    log::parse_level(level, config.log_level);
    config.instance_id = reader.text(
        {.name = "INSTANCE_ID", .meaning = "Name of this process in reports.", .fallback = "gateway"}
    );
    config.shutdown_budget = reader.duration(
        {.name = "SHUTDOWN_BUDGET", .meaning = "Time for an orderly stop.", .fallback = "20s"},
        seconds(1),
        minutes(10)
    );
    config.drain_delay = reader.duration(
        {.name = "DRAIN_DELAY",
         .meaning = "How long to go on serving after the readiness probe says no, so that callers notice.",
         .fallback = "0ms"},
        milliseconds(0),
        minutes(1)
    );
}

void read_proxy(Reader& reader, Config& config) {
    config.proxy_threads = static_cast<int>(reader.integer(
        {.name = "PROXY_THREADS",
         .meaning = "Calls to services at a time, over all routes.",
         .fallback = "32",
         .unit = "threads"},
        1,
        1024
    ));
    config.proxy.connect_timeout = reader.duration(
        {.name = "CONNECT_TIMEOUT", .meaning = "Time for connecting to a pod.", .fallback = "500ms"},
        milliseconds(10),
        seconds(30)
    );
    constexpr double kPercent = 100;
    config.proxy.budget.ratio = reader.number(
                                    {.name = "RETRY_BUDGET_PERCENT",
                                     .meaning = "Retries as a share of requests.",
                                     .fallback = "20",
                                     .unit = "%"},
                                    0,
                                    kPercent
                                ) /
                                kPercent;
    config.proxy.budget.per_second = reader.number(
        {.name = "RETRY_BUDGET_PER_SECOND",
         .meaning = "Retries that are allowed without traffic.",
         .fallback = "5",
         .unit = "per s"},
        0,
        1000
    );
    config.discovery_interval = reader.duration(
        {.name = "DISCOVERY_INTERVAL",
         .meaning = "Time between look-ups and probes of pods.",
         .fallback = "2s"},
        milliseconds(50),
        minutes(5)
    );
    config.probe_timeout = reader.duration(
        {.name = "PROBE_TIMEOUT", .meaning = "Time for the answer to a probe.", .fallback = "500ms"},
        milliseconds(10),
        seconds(30)
    );
    config.ejection.failures_to_eject = static_cast<int>(reader.integer(
        {.name = "EJECT_AFTER",
         .meaning = "Failed calls in a row that set a pod aside.",
         .fallback = "5",
         .unit = "calls"},
        1,
        1000
    ));
    config.ejection.eject_for = reader.duration(
        {.name = "EJECT_FOR", .meaning = "How long a failing pod is set aside.", .fallback = "5s"},
        milliseconds(1),
        minutes(10)
    );
}

void read_breaker(Reader& reader, resilience::CircuitBreaker::Options& breaker) {
    const auto calls = [&reader](const char* name, const char* meaning, const char* fallback) {
        return static_cast<int>(reader.integer(
            {.name = name, .meaning = meaning, .fallback = fallback, .unit = "calls"}, 1, 100'000
        ));
    };
    breaker.sliding_window_size = calls("BREAKER_WINDOW", "Last calls that a breaker looks at.", "100");
    breaker.minimum_number_of_calls = calls("BREAKER_MIN_CALLS", "Calls before a breaker judges.", "20");
    breaker.permitted_number_of_calls_in_half_open_state =
        calls("BREAKER_HALF_OPEN_CALLS", "Calls that test a service again.", "10");
    breaker.failure_rate_threshold = reader.number(
        {.name = "BREAKER_FAILURE_RATE",
         .meaning = "Share of failures that opens a breaker.",
         .fallback = "50",
         .unit = "%"},
        1,
        100
    );
    breaker.slow_call_rate_threshold = reader.number(
        {.name = "BREAKER_SLOW_RATE",
         .meaning = "Share of slow calls that opens a breaker.",
         .fallback = "100",
         .unit = "%"},
        1,
        100
    );
    breaker.slow_call_duration_threshold = reader.duration(
        {.name = "BREAKER_SLOW_CALL", .meaning = "A call that takes longer is slow.", .fallback = "60s"},
        milliseconds(1),
        minutes(10)
    );
    breaker.wait_duration_in_open_state = reader.duration(
        {.name = "BREAKER_OPEN", .meaning = "How long an open breaker refuses calls.", .fallback = "1s"},
        milliseconds(1),
        minutes(10)
    );
}

void read_rate_limit(Reader& reader, RateLimiter::Options& limit) {
    limit.use_redis =
        reader.choice(
            {.name = "RATE_LIMIT_STORE",
             .meaning = "Where the rate limit is kept: shared in Redis, or by each gateway alone.",
             .fallback = "redis"},
            {"redis", "local"}
        ) == "redis";
    const auto positive =
        [&reader](const char* name, const char* meaning, const char* fallback, const char* unit) {
            return reader.integer(
                {.name = name, .meaning = meaning, .fallback = fallback, .unit = unit}, 1, 1'000'000
            );
        };
    limit.rate.replenish_per_second =
        positive("RATE_LIMIT_REPLENISH", "Requests that a client may send each second.", "1000", "per s");
    limit.rate.burst =
        positive("RATE_LIMIT_BURST", "Requests that a client may send at once.", "2000", "requests");
    limit.replicas =
        positive("RATE_LIMIT_REPLICAS", "Gateways that share the rate while Redis is away.", "1", "pods");
}

void read_redis(Reader& reader, redis::Options& redis) {
    redis.host = reader.text(
        {.name = "REDIS_HOST", .meaning = "Address of Redis.", .fallback = "127.0.0.1", .unit = "host"}
    );
    redis.port = static_cast<std::uint16_t>(reader.integer(
        {.name = "REDIS_PORT", .meaning = "Port of Redis.", .fallback = "6379", .unit = "port"}, 1, kMaxPort
    ));
    const auto timeout = reader.duration(
        {.name = "REDIS_TIMEOUT",
         .meaning = "Time for an answer of Redis, or for connecting to it.",
         .fallback = "100ms"},
        milliseconds(1),
        seconds(30)
    );
    redis.connect_timeout = timeout;
    redis.command_timeout = timeout;
    redis.password = reader.text(
        {.name = "REDIS_PASSWORD",
         .meaning = "Password of Redis; empty for none.",
         .fallback = "",
         .secret = true}
    );
    redis.tls_ca = config::read_tls(reader, "REDIS", "Redis");
    redis.tls_server_name = reader.text(
        {.name = "REDIS_TLS_SERVER_NAME",
         .meaning = "Name that Redis's certificate has to bear; empty = REDIS_HOST.",
         .unit = "host"}
    );
}

}  // namespace

Config read_config(Reader& reader) {
    Config config;
    read_http(reader, config);
    config.management = http::read_management(reader, config.http.port);
    const auto ids = reader.list(
        {.name = "ROUTES",
         .meaning = "Names of the routes; each has settings ROUTE_<NAME>_PATH and so on.",
         .fallback = "orders,orders-read,inventory,payments,notifications"}
    );
    if (std::set(ids.begin(), ids.end()).size() != ids.size())
        throw SettingError("ROUTES: a route is named twice");
    std::set<std::string> upstreams;
    for (const auto& id : ids) {
        config.routes.push_back(read_route(reader, id));
        const auto& upstream = config.routes.back().upstream;
        if (!upstream.empty() && upstreams.insert(upstream).second)
            config.upstreams.push_back(read_upstream(reader, upstream));
    }
    read_proxy(reader, config);
    read_breaker(reader, config.breaker);
    config.resilience = resilience::Settings::read(reader);
    config.tracing = otlp::read_settings(reader);
    read_rate_limit(reader, config.rate_limit);
    read_redis(reader, config.rate_limit.redis);
    read_process(reader, config);
    reader.finish();
    if (auto good = check_routes(config.routes); !good) throw SettingError("ROUTES: " + good.error().what);

    // The server's own patience with its handlers has to be longer than that of every route.
    constexpr Duration kMore = seconds(5);
    for (const Route& route : config.routes) {
        config.http.answer_timeout = std::max(config.http.answer_timeout, route.timeout + kMore);
    }
    return config;
}

}  // namespace platform::gateway
