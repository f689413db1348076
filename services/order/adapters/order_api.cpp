#include "services/order/adapters/order_api.hpp"

#include "services/order/adapters/order_json.hpp"
#include "services/order/adapters/order_read_api.hpp"
#include "services/order/domain/place_order.hpp"
#include "shared/core/idempotency_key.hpp"
#include "shared/core/traceparent.hpp"
#include "shared/http/media_type.hpp"
#include "shared/telemetry/log.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace platform::order {
namespace {

http::Problem problem(int status, std::string code, std::string detail) {
    return {
        .status = status, .code = std::move(code), .detail = std::move(detail), .errors = {}, .headers = {}
    };
}

http::Problem overload() {
    auto answer =
        problem(503, "overloaded", "Too many orders are waiting. Nothing was stored; try again later.");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

http::Problem to_problem(Refused why, const OrderId& id) {
    switch (why) {
        case Refused::KeyReused:
            return problem(
                422, "idempotency-key-reused", "This Idempotency-Key belongs to a request with another body."
            );
        case Refused::IdReused:
            return problem(
                409, "request-id-reused", "This X-Request-Id belongs to a request with another body."
            );
        case Refused::InProgress:
            return problem(
                409,
                "idempotency-in-progress",
                "A request with this Idempotency-Key has not ended yet; try again."
            );
        case Refused::OutcomeUnknown: {
            auto answer = problem(
                504,
                "outcome-unknown",
                "The order may have been stored. Look at 'Location', or send the same request again."
            );
            answer.headers.emplace_back("Location", order_path(id));
            return answer;
        }
        case Refused::Unavailable:
            return http::to_problem(Error{.kind = ErrorKind::Unavailable, .what = {}});
        case Refused::Failed:
            return http::to_problem(Error{.kind = ErrorKind::Internal, .what = {}});
    }
    return http::to_problem(Error{});
}

/// The gateway names every request; its tries of one request carry one id, which therefore is the order's.
OrderId id_of(const http::Request& request, UuidGenerator& ids) {
    if (const auto header = request.header("x-request-id")) {
        const auto id = OrderId::parse(*header);
        if (id && !id->uuid.is_nil()) return *id;
    }
    return ids.next_id<OrderId>();
}

/// A trace that is not one is left out; the order is none the worse for it.
std::string trace_of(const http::Request& request) {
    auto trace = request.header("traceparent").value_or("");
    return traceparent::valid(trace) ? std::move(trace) : std::string{};
}

/// An order that has ended cannot be cancelled; one that the customer has cancelled before may be asked for again.
std::optional<http::Problem> refuse_cancel(const Order& order) {
    const SagaState state = order.state();
    if (state == SagaState::Completed) {
        return problem(
            409, "order-not-cancellable", "The order is completed; it cannot be cancelled any more."
        );
    }
    const auto& failure = order.saga.failure;
    if (state == SagaState::Cancelled && failure->code != events::FailureCode::CustomerCancelled) {
        return problem(
            409,
            "order-not-cancellable",
            "The order has ended already: it was cancelled with the reason " +
                std::string(events::code_name(failure->code)) + "."
        );
    }
    return std::nullopt;
}

}  // namespace

OrderApi::OrderApi(
    std::string default_currency,
    const PriceBook* prices,
    AcceptQueue& queue,
    OrderStore& store,
    service::Readers& readers,
    service::Runtime& runtime,
    std::function<void()> wake
)
    : default_currency_(std::move(default_currency)),
      prices_(prices),
      queue_(queue),
      store_(store),
      runtime_(runtime),
      wake_(std::move(wake)),
      readers_(readers),
      shed_(runtime.metrics().counter("orders_shed_total", "Orders refused because too many were waiting")),
      mispriced_(runtime.metrics().counter("orders_mispriced_total", "Orders refused because the catalogue has other prices")) {
    runtime.serve("POST", "/api/orders", std::bind_front(&OrderApi::place, this));
    runtime.serve("POST", "/api/orders/:id/cancel", std::bind_front(&OrderApi::cancel, this));
}

bool OrderApi::overloaded() const {
    return !runtime_.started() || runtime_.relay().oldest() > runtime_.settings().outbox_bound;
}

void OrderApi::place(const http::Request& request, http::Responder responder) {
    if (!http::is_json(request)) {
        return responder.send(problem(415, "unsupported-media-type", "Send the order as application/json."));
    }
    std::optional<IdempotencyKey> key;
    if (const auto header = request.header("idempotency-key")) {
        auto text = read_idempotency_key(*header);
        if (!text) {
            return responder.send(problem(
                400,
                "invalid-idempotency-key",
                "Idempotency-Key has to be 1 to 255 printable ASCII characters."
            ));
        }
        key = IdempotencyKey{.subject = "", .text = std::move(*text)};
    }
    auto content = read_order(request.body, default_currency_);
    if (!content) return responder.send(to_problem(content.error()));

    const OrderId id = id_of(request, runtime_.ids());
    NewOrder order{
        .order = order::place(id, *std::move(content), request.correlation_id, runtime_.clock().wall()),
        .key = std::move(key),
        .traceparent = trace_of(request)
    };
    if (refused_for_price(order, responder)) return;
    // Shared by the job and this handler only, which needs the responder back when the queue refuses the job.
    auto answer_to = std::make_shared<http::Responder>(std::move(responder));
    Job job{
        .order = std::move(order),
        .answer =
            [answer_to, id](const PlaceAnswer& answer) {
                if (answer) {
                    answer_to->send(accepted(answer->id, SagaState::Created, answer->replayed));
                } else {
                    answer_to->send(to_problem(answer.error(), id));
                }
            },
    };
    if (overloaded() || !queue_.push(job)) {
        shed_.add();
        return answer_to->send(overload());
    }
    wake_();
}

bool OrderApi::refused_for_price(const NewOrder& order, http::Responder& responder) {
    if (prices_ == nullptr) return false;
    if (!prices_->is_complete()) {
        shed_.add();
        responder.send(overload());
        return true;
    }
    auto faults = prices_->faults_of(order.order.content);
    if (faults.empty()) return false;
    readers_.read(std::move(responder), [this, order, faults = std::move(faults)] {
        return answer_mispriced(order, faults);
    });
    return true;
}

/// A client who repeats a request whose answer was lost gets that answer, whatever the price is by now.
Result<http::Response> OrderApi::answer_mispriced(const NewOrder& order, const std::vector<Fault>& faults) {
    const std::string& correlation_id = order.order.correlation_id;
    const auto found = store_.find_placed({&order, 1});
    if (!found) return fail(found.error());
    if (const auto& stored = found->front()) {
        if (stored->content == order.order.content) return accepted(stored->id, SagaState::Created, true);
        const auto why = order.key ? Refused::KeyReused : Refused::IdReused;
        return http::to_response(to_problem(why, order.order.id), correlation_id);
    }
    mispriced_.add();
    return http::to_response(price_mismatch(faults), correlation_id);
}

Result<http::Response>
OrderApi::cancel_now(const OrderId& id, const std::string& correlation_id, const std::string& trace) {
    std::optional<Order> seen;
    std::optional<http::Problem> refused;
    const Stamp stamp{.next_id = [this] { return runtime_.ids().next(); }, .now = runtime_.clock().wall()};
    const Occasion occasion{.order_id = id, .event_id = std::nullopt};
    auto done = store_.change({&occasion, 1}, [&](std::size_t, std::optional<Order>& order) {
        std::vector<events::Event> told;
        if (order) refused = refuse_cancel(*order);
        if (order && !refused) {
            told = on_cancel(
                *order,
                {.code = events::FailureCode::CustomerCancelled, .reason = "The customer cancelled the order."
                },
                stamp
            );
        }
        for (events::Event& one : told) one.metadata.traceparent = trace;
        seen = order;
        return told;
    });
    if (!done) return fail(std::move(done).error());
    if (!seen) return http::to_response(no_such_order(), correlation_id);
    if (refused) return http::to_response(*refused, correlation_id);
    return accepted(id, seen->state(), false);
}

void OrderApi::cancel(const http::Request& request, http::Responder responder) {
    const auto id = order_in_path(request);
    if (!id) return responder.send(no_such_order());
    readers_.read(std::move(responder), [this, id = *id, correlation_id = request.correlation_id, trace = trace_of(request)] {
        return cancel_now(id, correlation_id, trace);
    });
}

}  // namespace platform::order
