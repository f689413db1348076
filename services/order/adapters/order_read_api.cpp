#include "services/order/adapters/order_read_api.hpp"

#include "services/order/adapters/order_json.hpp"
#include "services/order/adapters/order_query.hpp"
#include "services/order/adapters/timeline_json.hpp"
#include "shared/http/entity_tag.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

/// The order, or 304 when the client has it already, or 404.
http::Response
answer_for(const std::optional<Order>& order, const std::optional<std::string>& known, std::string_view correlation_id) {
    if (!order) return http::to_response(no_such_order(), correlation_id);
    if (known && http::names_etag(*known, etag(*order)))
        return http::Response{.status = 304, .body = {}, .headers = {{"ETag", etag(*order)}, {"Cache-Control", "no-cache"}}};
    return shown(*order);
}

}  // namespace

OrderReadApi::OrderReadApi(
    OrderStore& store,
    OrderWaits& waits,
    TimelineStore& timelines,
    bool recorded,
    service::Readers& readers,
    service::Runtime& runtime
)
    : store_(store), waits_(waits), timelines_(timelines), recorded_(recorded), readers_(readers) {
    runtime.serve("GET", "/api/orders", std::bind_front(&OrderReadApi::list, this));
    runtime.serve("GET", "/api/orders/:id", std::bind_front(&OrderReadApi::show, this));
    runtime.serve("GET", "/api/orders/:id/events", std::bind_front(&OrderReadApi::timeline, this));
}

void OrderReadApi::show(const http::Request& request, http::Responder responder) {
    const auto id = order_in_path(request);
    if (!id) return responder.send(no_such_order());
    const auto wait = read_wait(request);
    if (!wait) return responder.send(wait.error());
    const auto known = request.header("if-none-match");
    if (*wait > Duration::zero()) {
        // Shared by the wait and this handler only, which needs the responder back when too many wait.
        auto answer_to = std::make_shared<http::Responder>(std::move(responder));
        OrderWaits::Answer answer = [answer_to, known](const Result<std::optional<Order>>& order) {
            const std::string correlation_id = answer_to->correlation_id();
            if (!order) return answer_to->send(http::to_problem(order.error()));
            answer_to->send(answer_for(*order, known, correlation_id));
        };
        if (waits_.wait(*id, *wait, answer)) return;
        responder = std::move(*answer_to);
    }
    readers_.read(
        std::move(responder),
        [this, id = *id, known, correlation_id = request.correlation_id]() -> Result<http::Response> {
            return store_.find(id).transform([&](const std::optional<Order>& order) {
                return answer_for(order, known, correlation_id);
            });
        }
    );
}

void OrderReadApi::list(const http::Request& request, http::Responder responder) {
    const auto query = read_list_query(request);
    if (!query) return responder.send(query.error());
    readers_.read(std::move(responder), [this, query = *query, request]() -> Result<http::Response> {
        auto one_more = query;
        ++one_more.limit;  // tells whether there is a next page
        auto orders = store_.list(one_more);
        if (!orders) return fail(std::move(orders).error());
        const bool more = orders->size() > query.limit;
        if (more) orders->resize(query.limit);
        return listed(*orders, more ? next_page(request, place_of(orders->back())) : "");
    });
}

void OrderReadApi::timeline(const http::Request& request, http::Responder responder) {
    const auto id = order_in_path(request);
    if (!id) return responder.send(no_such_order());
    if (const auto fault = refuse_query(request)) return responder.send(*fault);
    readers_.read(
        std::move(responder),
        [this, id = *id, correlation_id = request.correlation_id]() -> Result<http::Response> {
            auto order = store_.find(id);
            if (!order) return fail(std::move(order).error());
            if (!*order) return http::to_response(no_such_order(), correlation_id);
            return timelines_.find(id).transform([&](const Timeline& timeline) {
                return shown_timeline(id, timeline, recorded_);
            });
        }
    );
}

std::optional<OrderId> order_in_path(const http::Request& request) {
    const auto text = request.params.find("id");
    if (text == request.params.end()) return std::nullopt;
    const auto id = OrderId::parse(text->second);
    if (!id) return std::nullopt;
    return *id;
}

http::Problem no_such_order() {
    return {
        .status = 404,
        .code = "order-not-found",
        .detail = "There is no order with this id.",
        .errors = {},
        .headers = {}
    };
}

}  // namespace platform::order
