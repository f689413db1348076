#include "services/gateway/adapters/proxy.hpp"

#include "services/gateway/domain/forwarding.hpp"
#include "shared/core/check.hpp"
#include "shared/core/crash_point.hpp"
#include "shared/core/pause.hpp"
#include "shared/core/traceparent.hpp"
#include "shared/http/problem.hpp"
#include "shared/telemetry/log.hpp"
#include "shared/telemetry/log_context.hpp"

#include <algorithm>
#include <cstdint>
#include <format>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace platform::gateway {
namespace {

constexpr int kUnavailable = 503;

http::Response problem(
    const http::Request& request,
    int status,
    const char* code,
    const char* detail,
    const char* retry_after = nullptr
) {
    http::Problem problem{.status = status, .code = code, .detail = detail, .errors = {}, .headers = {}};
    if (retry_after != nullptr) problem.headers.emplace_back("Retry-After", retry_after);
    return to_response(problem, request.correlation_id);
}

CallResult classify(const http::ClientResponse& response) {
    constexpr int kServerError = 500;
    if (response.status < kServerError) return CallResult::Answered;
    const bool sheds = response.status == kUnavailable && response.headers.contains("retry-after");
    return sheds ? CallResult::Overloaded : CallResult::ServerError;
}

CallResult classify(const Error& error) {
    switch (error.kind) {
        case ErrorKind::Unavailable:
            return error.outcome_unknown ? CallResult::Lost : CallResult::NotSent;
        case ErrorKind::Timeout:
            return error.outcome_unknown ? CallResult::TimedOut : CallResult::NotSent;
        case ErrorKind::Invalid:
        case ErrorKind::NotFound:
        case ErrorKind::Conflict:
        case ErrorKind::Denied:
        case ErrorKind::Internal:
            return CallResult::Unusable;
    }
    return CallResult::Unusable;
}

/// Ends the span of a call.
void finish(tracing::Span& span, const Result<http::ClientResponse>& answer) {
    constexpr int kClientError = 400;
    if (!span) return;
    if (!answer) {
        span.set("error.type", to_string(answer.error().kind));
        span.fail(answer.error().what);
    } else {
        span.set("http.response.status_code", answer->status);
        if (answer->status >= kClientError) {
            span.set("error.type", std::to_string(answer->status));
            span.fail({});
        }
    }
    span.end();
}

/// The client's answer when no pod gave one.
http::Response failure(const http::Request& request, CallResult result) {
    constexpr int kBadGateway = 502;
    constexpr int kGatewayTimeout = 504;
    switch (result) {
        case CallResult::NotSent:
            return problem(
                request,
                kUnavailable,
                "upstream-unavailable",
                "The service cannot be reached; try again.",
                "1"
            );
        case CallResult::TimedOut:
            return problem(
                request,
                kGatewayTimeout,
                "upstream-timeout",
                "The service did not answer in time; the outcome is unknown."
            );
        case CallResult::Lost:
            return problem(
                request, kBadGateway, "upstream-lost", "The service broke off; the outcome is unknown."
            );
        case CallResult::Answered:
        case CallResult::ServerError:
        case CallResult::Overloaded:
        case CallResult::Unusable:
            break;
    }
    return problem(
        request, kBadGateway, "upstream-unusable", "The service gave an answer that cannot be passed on."
    );
}

http::Response passed_on(http::ClientResponse upstream) {
    http::Response response{
        .status = upstream.status, .content_type = "", .body = std::move(upstream.body), .headers = {}
    };
    if (const auto type = upstream.headers.find("content-type"); type != upstream.headers.end()) {
        response.content_type = type->second;
    }
    response.headers = downstream_headers(upstream.headers);
    return response;
}

std::int64_t seconds_to_wait(const redis::Verdict& verdict) {
    return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(verdict.retry_after).count());
}

/// Spring Cloud Gateway's headers and those of the IETF's draft. The policy is what a full bucket gives and the time to
/// fill it; `t` is the time until one more request goes through, and equals Retry-After when one was refused.
void add_rate_headers(
    http::Response& response,
    const std::string& route,
    const redis::Rate& rate,
    const redis::Verdict& verdict
) {
    const auto add = [&](const char* name, std::string value) { response.headers.emplace_back(name, std::move(value)); };
    add("X-RateLimit-Remaining", std::to_string(verdict.remaining));
    add("X-RateLimit-Replenish-Rate", std::to_string(rate.replenish_per_second));
    add("X-RateLimit-Burst-Capacity", std::to_string(rate.burst));
    add("X-RateLimit-Requested-Tokens", std::to_string(rate.requested));
    const auto seconds_for = [&rate](std::int64_t tokens) {
        return std::max<std::int64_t>(1, (tokens + rate.replenish_per_second - 1) / rate.replenish_per_second);
    };
    add("RateLimit-Policy", std::format(R"("{}";q={};w={})", route, rate.burst, seconds_for(rate.burst)));
    const std::int64_t wait = verdict.allowed ? seconds_for(rate.requested) : seconds_to_wait(verdict);
    add("RateLimit", std::format(R"("{}";r={};t={})", route, std::max<std::int64_t>(0, verdict.remaining), wait));
}

}  // namespace

struct Proxy::Try {
    CallResult result = CallResult::NotSent;
    int status = 0;
    std::optional<http::ClientResponse> response;
};

/// One request with all its tries.
struct Proxy::Exchange {
    http::ClientRequest call;  // without its address
    bool repeatable = false;
    Instant deadline{};
    const std::string& target;
    std::string trace{};  // the request's span: each try has one below it
    int tries = 0;
};

Proxy::Proxy(Options options, RateLimiter& limiter, UuidGenerator& ids, const Clock& clock, const tracing::Tracer& tracer)
    : options_(options),
      limiter_(limiter),
      ids_(ids),
      clock_(clock),
      tracer_(tracer),
      budget_(options.budget, clock) {}

void Proxy::serve(Caller& caller, RouteState& route, Job job) {
    const log::CorrelationScope scope(job.request.correlation_id);
    http::Response response = answer(caller, route, job);
    const int status = response.status;
    job.responder.send(std::move(response));
    route.on_answer(job.request.method, status, clock_.now() - job.received);
}

http::Response Proxy::answer(Caller& caller, RouteState& route, const Job& job) {
    constexpr int kTooManyRequests = 429;
    if (clock_.now() >= job.received + route.route().timeout) {
        return problem(
            job.request,
            kUnavailable,
            "overloaded",
            "The request waited too long for its turn; try again.",
            "1"
        );
    }
    if (!route.route().rate_limited) return relay(caller, route, job);

    const auto verdict = caller.limit.take(route.route().id + "." + job.request.remote);
    http::Response response;
    if (verdict.allowed) {
        response = relay(caller, route, job);
    } else {
        const std::string wait = std::to_string(seconds_to_wait(verdict));
        response = problem(
            job.request, kTooManyRequests, "rate-limited", "Too many requests; slow down.", wait.c_str()
        );
    }
    add_rate_headers(response, route.route().id, limiter_.rate(), verdict);
    return response;
}

http::Response Proxy::relay(Caller& caller, RouteState& route, const Job& job) {
    const http::Request& request = job.request;
    const std::string request_id = ids_.next().text();
    std::string trace = request.header("traceparent").value_or("");
    const std::string hop = traceparent::next_hop(trace, ids_);
    const log::TraceScope scope(hop);
    Exchange exchange{
        .call =
            {.method = request.method == "HEAD" ? "GET" : request.method,
             .url = {},
             .headers = upstream_headers(
                 request.headers,
                 {.client = request.remote,
                  .correlation_id = request.correlation_id,
                  .request_id = request_id,
                  .traceparent = hop}
             ),
             .body = request.body,
             .connect_timeout = options_.connect_timeout,
             .timeout = {},
             .max_response_bytes = options_.max_response_bytes},
        .repeatable = repeatable(request.method, request.headers.contains("idempotency-key")),
        .deadline = job.received + route.route().timeout,
        .target = request.target,
        .trace = std::move(trace),
    };
    budget_.on_request();
    std::vector<Address> tried;
    std::optional<Try> last;
    for (;;) {
        const auto pod = route.endpoints().next(tried);
        if (!pod)
            return problem(
                request, kUnavailable, "no-endpoint", "No instance of the service is known; try again.", "2"
            );
        if (!route.may_call()) {
            if (last) break;
            return problem(
                request,
                kUnavailable,
                "circuit-open",
                "The service is failing and is given a pause; try again.",
                "1"
            );
        }
        last = try_once(caller, route, *pod, exchange);
        tried.push_back(*pod);
        if (!may_repeat(caller, route, exchange, *last, static_cast<int>(tried.size()))) break;
        log::info(
            "trying again", {{"route", route.route().id}, {"pod", pod->text()}, {"try", tried.size() + 1}}
        );
    }
    route.on_tries(static_cast<int>(tried.size()), judge(last->result) != BreakerVerdict::Failure);
    http::Response response =
        last->response ? passed_on(*std::move(last->response)) : failure(request, last->result);
    response.headers.emplace_back("X-Request-Id", request_id);
    return response;
}

/// The span of a call to a pod, which from now on goes out with its traceparent.
tracing::Span Proxy::begin_span(const Address& pod, Exchange& exchange) const {
    http::ClientRequest& call = exchange.call;
    const int resent = exchange.tries++;
    tracing::Span span = tracer_.below(exchange.trace, tracing::Kind::Client, call.method);
    if (!span) return span;
    span.set("http.request.method", call.method);
    span.set("server.address", pod.host);
    span.set("server.port", pod.port);
    span.set("url.full", call.url);
    if (resent > 0) span.set("http.request.resend_count", resent);
    const auto header = std::ranges::find_if(call.headers, [](const auto& one) { return one.first == "traceparent"; });
    CHECK(header != call.headers.end(), "each call carries a trace");
    header->second = span.traceparent();
    return span;
}

Proxy::Try Proxy::try_once(Caller& caller, RouteState& route, const Address& pod, Exchange& exchange) {
    const Instant began = clock_.now();
    exchange.call.url = "http://" + pod.text() + exchange.target;
    exchange.call.timeout = exchange.deadline - began;
    tracing::Span span = begin_span(pod, exchange);
    auto answer = caller.client.send(exchange.call);
    route.on_call(exchange.call.method, answer, clock_.now() - began);
    crash_point("gateway.after_forward");
    finish(span, answer);

    Try outcome;
    if (answer) {
        outcome.result = classify(*answer);
        outcome.status = answer->status;
        outcome.response = *std::move(answer);
    } else {
        outcome.result = classify(answer.error());
        log::warn("a call to a pod failed", {{"route", route.route().id}, {"why", answer.error().what}});
    }
    route.on_result(outcome.result, clock_.now() - began);
    if (outcome.result == CallResult::NotSent) {
        route.endpoints().failed(pod, Endpoints::Failure::NoConnection);
    } else if (judge(outcome.result) == BreakerVerdict::Failure) {
        route.endpoints().failed(pod, Endpoints::Failure::Call);
    } else {
        route.endpoints().succeeded(pod);
    }
    return outcome;
}

/// Decides on another try and waits before it.
bool Proxy::may_repeat(
    const Caller& caller,
    RouteState& route,
    const Exchange& exchange,
    const Try& last,
    int tries
) {
    if (!route.retry().allows(tries) || !worth_another_try(last.result, last.status, exchange.repeatable))
        return false;
    const Duration delay = route.retry().wait(tries);
    if (clock_.now() + delay >= exchange.deadline || !budget_.try_retry()) return false;
    pause(delay, caller.stop);
    return !caller.stop.stop_requested();
}

}  // namespace platform::gateway
