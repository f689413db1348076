#include "shared/http/resilience_endpoints.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/actuator_bodies.hpp"
#include "shared/telemetry/log.hpp"

#include <format>
#include <string>
#include <utility>
#include <vector>

namespace platform::http {
namespace {

using resilience::CircuitBreaker;
using State = CircuitBreaker::State;

constexpr const char* kType = "application/vnd.spring-boot.actuator.v3+json";

Response answer(json::Writer& writer) {
    return {.status = 200, .content_type = kType, .body = writer.take(), .headers = {{"Cache-Control", "no-store"}}};
}

/// As the original prints a float: "-1.0%", "50.0%", "33.333332%" cut to what matters.
std::string percent(double rate) {
    const std::string text = std::format("{:.4g}", rate);
    return text + (text.contains('.') ? "%" : ".0%");
}

/// As Resilience4j's health indicator tells a breaker.
std::string health_of(CircuitBreaker& breaker) {
    const auto now = breaker.snapshot();
    const bool may_fail = breaker.options().allow_health_indicator_to_fail;
    std::string_view status = "UP";
    if (now.state == State::Open) status = may_fail ? "DOWN" : "CIRCUIT_OPEN";
    if (now.state == State::HalfOpen) status = may_fail ? "UNKNOWN" : "CIRCUIT_HALF_OPEN";
    json::Writer writer;
    writer.begin_object().field("status", status).key("details").begin_object();
    writer.field("failureRate", percent(now.failure_rate));
    writer.field("failureRateThreshold", percent(breaker.options().failure_rate_threshold));
    writer.field("slowCallRate", percent(now.slow_call_rate));
    writer.field("slowCallRateThreshold", percent(breaker.options().slow_call_rate_threshold));
    writer.field("bufferedCalls", now.buffered_calls).field("slowCalls", now.slow_calls);
    writer.field("slowFailedCalls", now.slow_failed_calls).field("failedCalls", now.failed_calls);
    writer.field("notPermittedCalls", now.not_permitted_calls).field("state", to_string(now.state));
    writer.end_object().end_object();
    return writer.take();
}

Response breakers(resilience::Kit& kit) {
    json::Writer writer;
    writer.begin_object().key("circuitBreakers").begin_object();
    for (CircuitBreaker& breaker : kit.circuit_breakers()) {
        const auto now = breaker.snapshot();
        writer.key(breaker.name()).begin_object();
        writer.field("failureRate", percent(now.failure_rate)).field("slowCallRate", percent(now.slow_call_rate));
        writer.field("failureRateThreshold", percent(breaker.options().failure_rate_threshold));
        writer.field("slowCallRateThreshold", percent(breaker.options().slow_call_rate_threshold));
        writer.field("bufferedCalls", now.buffered_calls).field("failedCalls", now.failed_calls);
        writer.field("slowCalls", now.slow_calls).field("slowFailedCalls", now.slow_failed_calls);
        writer.field("notPermittedCalls", now.not_permitted_calls).field("state", to_string(now.state));
        writer.end_object();
    }
    writer.end_object().end_object();
    return answer(writer);
}

template <class Guards>
Response names(const char* member, const Guards& guards) {
    json::Writer writer;
    writer.begin_object().key(member).begin_array();
    for (const auto& guard : guards) writer.string(guard.name());
    writer.end_array().end_object();
    return answer(writer);
}

void update(resilience::Kit& kit, const Request& request, Responder responder) {
    constexpr int kBadRequest = 400;
    constexpr int kNotFound = 404;
    const auto refuse = [&](int status, const char* code, const char* detail) {
        responder.send(Problem{.status = status, .code = code, .detail = detail, .errors = {}, .headers = {}});
    };
    const std::string& name = request.params.at("name");
    CircuitBreaker* breaker = kit.find_circuit_breaker(name);
    if (breaker == nullptr) return refuse(kNotFound, "not-found", "There is no circuit breaker of this name.");
    const auto state = read_breaker_state(request.body);
    if (!state) return refuse(kBadRequest, "invalid-request", "updateState has to be CLOSE, FORCE_OPEN or DISABLE.");
    breaker->transition_to(*state);
    log::warn("a circuit breaker was set by hand", {{"name", name}, {"state", to_string(*state)}});
    json::Writer writer;
    writer.begin_object().field("circuitBreakerName", name).field("currentState", to_string(*state));
    writer.field("message", name + " state has been changed successfully").end_object();
    responder.send(answer(writer));
}

}  // namespace

void declare_resilience(Server& api, Server& management, resilience::Kit& kit) {
    const auto on_get = [&](const std::string& path, std::function<Response()> read) {
        const auto handler = [read = std::move(read)](const Request&, Responder responder) { responder.send(read()); };
        api.route("GET", path, handler);
        management.route("GET", path, handler);
    };
    on_get("/actuator/circuitbreakers", [&kit] { return breakers(kit); });
    on_get("/actuator/retries", [&kit] { return names("retries", kit.retries()); });
    on_get("/actuator/bulkheads", [&kit] { return names("bulkheads", kit.bulkheads()); });
    on_get("/actuator/ratelimiters", [&kit] { return names("rateLimiters", kit.rate_limiters()); });
    on_get("/actuator/timelimiters", [&kit] { return names("timeLimiters", kit.time_limiters()); });
    management.route("POST", "/actuator/circuitbreakers/:name", [&kit](const Request& request, Responder responder) {
        update(kit, request, std::move(responder));
    });
}

void add_breakers_health(Health& health, resilience::Kit& kit) {
    std::vector<CircuitBreaker*> shown;
    for (CircuitBreaker& breaker : kit.circuit_breakers()) {
        if (breaker.options().register_health_indicator) shown.push_back(&breaker);
    }
    if (shown.empty()) return;
    health.add("circuitBreakers", [shown] {
        Health::Component component{.up = true, .details = {}};
        for (CircuitBreaker* breaker : shown) {
            component.written[breaker->name()] = health_of(*breaker);
            const bool open = breaker->snapshot().state == State::Open;
            if (breaker->options().allow_health_indicator_to_fail && open) component.up = false;
        }
        return component;
    });
}

}  // namespace platform::http
