#include "shared/http/traced.hpp"

#include "shared/core/traceparent.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace platform::http {
namespace {

constexpr int kServerError = 500;

/// Ends the span with the answer. Like the exchange that it stands before, it is answered once, by any thread.
class TracedExchange final : public Exchange {
public:
    TracedExchange(tracing::Span span, Responder responder)
        : Exchange(responder.correlation_id()), span_(std::move(span)), responder_(std::move(responder)) {}

    void answer(Response response) override {
        finish(response.status);
        responder_.send(std::move(response));
    }
    void abandon() override {
        finish(kServerError);
        responder_ = Responder{};
    }

private:
    void finish(int status) {
        span_.set("http.response.status_code", status);
        if (status >= kServerError) {
            span_.set("error.type", std::to_string(status));
            span_.fail({});
        }
        span_.end();
    }

    tracing::Span span_;
    Responder responder_;
};

void describe(tracing::Span& span, const Request& request) {
    constexpr std::size_t kLongestPath = 256;
    span.set("http.request.method", request.method);
    span.set("http.route", request.route);
    span.set("url.scheme", "http");
    span.set("url.path", std::string_view(request.path).substr(0, kLongestPath));
    span.set("correlation.id", request.correlation_id);
}

}  // namespace

Handler traced(const tracing::Tracer& tracer, Handler handler) {
    if (!tracer.on()) return handler;
    return [&tracer, handler = std::move(handler)](const Request& request, Responder responder) {
        const auto received = request.headers.find("traceparent");
        const std::string_view parent = received == request.headers.end() ? std::string_view{} : received->second;
        tracing::Span span = tracer.enter(parent, tracing::Kind::Server, request.method + " " + request.route);
        if (!span) return handler(request, std::move(responder));
        describe(span, request);
        Request below = request;
        if (!traceparent::valid(parent)) below.headers.erase("tracestate");
        below.headers.insert_or_assign("traceparent", span.traceparent());
        handler(below, Responder(std::make_shared<TracedExchange>(std::move(span), std::move(responder))));
    };
}

}  // namespace platform::http
