#include "services/order/adapters/admin_api.hpp"

#include "services/order/adapters/order_json.hpp"
#include "services/order/adapters/order_read_api.hpp"
#include "shared/telemetry/log.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace platform::order {

AdminApi::AdminApi(OrderStore& store, service::Readers& readers, service::Runtime& runtime)
    : store_(store), readers_(readers), runtime_(runtime) {
    runtime.management().route("POST", "/api/admin/orders/:id/retry", std::bind_front(&AdminApi::retry, this));
}

void AdminApi::retry(const http::Request& request, http::Responder responder) {
    const auto id = order_in_path(request);
    if (!id) return responder.send(no_such_order());
    readers_.read(std::move(responder), [this, id = *id, correlation_id = request.correlation_id] {
        return retry_now(id, correlation_id);
    });
}

Result<http::Response> AdminApi::retry_now(const OrderId& id, const std::string& correlation_id) {
    std::optional<Order> seen;
    std::size_t asked = 0;
    const Stamp stamp{.next_id = [this] { return runtime_.ids().next(); }, .now = runtime_.clock().wall()};
    const Occasion occasion{.order_id = id, .event_id = std::nullopt};
    auto done = store_.change({&occasion, 1}, [&](std::size_t, std::optional<Order>& order) {
        auto told = order ? ask_again(*order, stamp) : std::vector<events::Event>{};
        asked = told.size();
        seen = order;
        return told;
    });
    if (!done) return fail(std::move(done).error());
    if (!seen) return http::to_response(no_such_order(), correlation_id);
    if (asked == 0) {
        const http::Problem ended{
            .status = 409,
            .code = "order-ended",
            .detail = "The order has ended; there is nothing to ask for.",
            .errors = {},
            .headers = {}
        };
        return http::to_response(ended, correlation_id);
    }
    log::info("asked again by hand", {{"order_id", id.text()}, {"state", to_string(seen->state())}});
    return accepted(id, seen->state(), false);
}

}  // namespace platform::order
