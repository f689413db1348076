#include "services/order/adapters/order_json.hpp"

#include "services/order/adapters/order_items.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"

#include <utility>

namespace platform::order {
namespace {

constexpr int kAccepted = 202;
constexpr int kBadRequest = 400;
constexpr int kUnprocessable = 422;

void write_links(json::Writer& out, const OrderId& id, bool can_cancel) {
    const std::string self = order_path(id);
    out.key("links").begin_object().field("self", self);
    if (can_cancel) out.field("cancel", self + "/cancel");
    out.end_object();
}

bool can_cancel(const Order& order) {
    return !order.saga.failure && order.state() != SagaState::Completed;
}

void write_order(json::Writer& out, const Order& order) {
    const Content& content = order.content;
    const SagaState state = order.state();
    out.begin_object()
        .field("orderId", order.id.text())
        .field("status", to_string(status_of(state)))
        .field("sagaState", to_string(state));
    if (!content.user_id.empty()) out.field("userId", content.user_id);
    out.field("productId", content.product_id).field("quantity", content.quantity);
    out.key("price").number_text(content.price.text());
    out.key("items");
    write_items(out, lines_of(content));
    out.field("amount", content.amount.text()).field("currency", content.currency);
    if (order.saga.failure) {
        out.field("failureCode", events::code_name(order.saga.failure->code));
        out.field("failureReason", order.saga.failure->reason);
    }
    out.field("createdAt", to_rfc3339(order.times.created));
    if (order.times.closed) out.field("closedAt", to_rfc3339(*order.times.closed));
    out.field("correlationId", order.correlation_id);
    out.key("steps").begin_array();
    for (const StepDone& step : steps_of(order)) {
        out.begin_object().field("step", step.step).field("at", to_rfc3339(step.at)).end_object();
    }
    out.end_array();
    write_links(out, order.id, can_cancel(order));
    out.end_object();
}

void add_errors(http::Problem& problem, const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        problem.errors.push_back({.pointer = fault.pointer, .message = fault.message});
    }
}

}  // namespace

std::string order_path(const OrderId& id) {
    return "/api/orders/" + id.text();
}

std::string etag(const Order& order) {
    return '"' + std::to_string(order.version) + '"';
}

http::Response accepted(const OrderId& id, SagaState state, bool replayed) {
    json::Writer out;
    out.begin_object()
        .field("orderId", id.text())
        .field("status", to_string(status_of(state)))
        .field("sagaState", to_string(state));
    write_links(out, id, false);
    out.end_object();
    http::Response response{
        .status = kAccepted, .body = out.take(), .headers = {{"Location", order_path(id)}}
    };
    if (replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

http::Response shown(const Order& order) {
    json::Writer out;
    write_order(out, order);
    return {.body = out.take(), .headers = {{"ETag", etag(order)}, {"Cache-Control", "no-cache"}}};
}

http::Response listed(const std::vector<Order>& orders, const std::string& next) {
    json::Writer out;
    out.begin_object().key("orders").begin_array();
    for (const Order& order : orders) write_order(out, order);
    out.end_array().key("links").begin_object();
    if (!next.empty()) out.field("next", next);
    out.end_object().end_object();
    http::Response response{.body = out.take(), .headers = {}};
    if (!next.empty()) response.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
    return response;
}

http::Problem to_problem(const Refusal& refusal) {
    const bool malformed = refusal.kind == Refusal::Kind::Malformed;
    http::Problem problem{
        .status = malformed ? kBadRequest : kUnprocessable,
        .code = "invalid-order",
        .detail = "This is not an order; every fault is in 'errors'. Nothing was stored.",
        .errors = {},
        .headers = {},
    };
    add_errors(problem, refusal.faults);
    return problem;
}

http::Problem price_mismatch(const std::vector<Fault>& faults) {
    http::Problem problem{
        .status = kUnprocessable,
        .code = "price-mismatch",
        .detail = "The catalogue has other prices; every difference is in 'errors'. Nothing was stored.",
        .errors = {},
        .headers = {},
    };
    add_errors(problem, faults);
    return problem;
}

}  // namespace platform::order
