#include "shared/http/dispatcher.hpp"

#include "shared/core/check.hpp"
#include "shared/http/characters.hpp"
#include "shared/http/connection.hpp"
#include "shared/telemetry/log.hpp"
#include "shared/telemetry/log_context.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace platform::http {
namespace {

constexpr std::size_t kCorrelationIdBytes = 128;

Problem no_route(const std::string& allow) {
    if (allow.empty()) {
        return {.status = 404, .code = "not-found", .detail = "There is nothing at this path.", .errors = {}, .headers = {}};
    }
    return {
        .status = 405,
        .code = "method-not-allowed",
        .detail = "This path knows other methods: " + allow + ".",
        .errors = {},
        .headers = {{"Allow", allow}},
    };
}

}  // namespace

std::string correlation_id_of(const FramedRequest& framed, UuidGenerator& ids) {
    const auto harmless = [](char character) { return is_alphanumeric(character) || std::string_view("-._:").contains(character); };
    const auto found = framed.headers.find("x-correlation-id");
    if (found != framed.headers.end() && !found->second.empty() && found->second.size() <= kCorrelationIdBytes &&
        std::ranges::all_of(found->second, harmless)) {
        return found->second;
    }
    return ids.next().text();
}

void Dispatcher::add(const std::string& method, const std::string& path, Handler handler) {
    const std::size_t route = routes_.add(method, path);
    CHECK(route == handlers_.size(), "routes and handlers are numbered alike");
    handlers_.push_back(std::move(handler));
}

void Dispatcher::accept(FramedRequest framed, Connection& connection) {
    SharedState& shared = connection.shared();
    const Instant began = shared.clock.now();
    Result<Target> target = parse_target(framed.target);
    Routes::Match match = target ? routes_.find(framed.method, *target) : Routes::Match{};
    HttpExchange::Facts facts{
        .correlation_id = correlation_id_of(framed, shared.ids),
        .method = framed.method,
        .uri = match.route ? routes_.label(*match.route) : "/**",
        .keep_alive = framed.keep_alive,
        .http_1_0 = framed.http_1_0,
    };
    const auto exchange = std::make_shared<HttpExchange>(connection.shared_from_this(), std::move(facts), began);
    connection.begin(exchange);
    Responder responder(exchange);
    if (!target) {
        return responder.send(
            Problem{.status = 400, .code = "bad-target", .detail = target.error().what, .errors = {}, .headers = {}}
        );
    }
    if (!match.route) return responder.send(no_route(match.allow));
    Request request{
        .method = std::move(framed.method),
        .path = std::move(target->path),
        .target = std::move(framed.target),
        .route = routes_.path(*match.route),
        .params = std::move(match.params),
        .query = std::move(target->query),
        .headers = std::move(framed.headers),
        .body = std::move(framed.body),
        .remote = connection.remote(),
        .correlation_id = exchange->correlation_id(),
    };
    handle(*match.route, std::move(request), std::move(responder));
}

void Dispatcher::handle(std::size_t route, Request request, Responder responder) const {
    const log::CorrelationScope scope(request.correlation_id);
    const log::TraceScope trace(request.header("traceparent").value_or(""));
    try {
        handlers_[route](request, std::move(responder));
    } catch (const std::exception& exception) {
        log::error("a request handler threw", {{"route", request.route}, {"exception", exception.what()}});
    } catch (...) {
        log::error("a request handler threw", {{"route", request.route}});
    }
}

}  // namespace platform::http
