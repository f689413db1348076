#pragma once
#include "services/order/domain/order_store.hpp"
#include "services/order/domain/order_waits.hpp"
#include "services/order/domain/timeline.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

#include <optional>
#include <string>

namespace platform::order {

/// GET /api/orders/:id, its /events, and GET /api/orders. Handlers parse and queue; readers and the waits answer.
class OrderReadApi {
public:
    /// `recorded` says whether timelines are being written.
    OrderReadApi(
        OrderStore& store,
        OrderWaits& waits,
        TimelineStore& timelines,
        bool recorded,
        service::Readers& readers,
        service::Runtime& runtime
    );

private:
    void show(const http::Request& request, http::Responder responder);
    void list(const http::Request& request, http::Responder responder);
    void timeline(const http::Request& request, http::Responder responder);

    OrderStore& store_;
    OrderWaits& waits_;
    TimelineStore& timelines_;
    bool recorded_;
    service::Readers& readers_;
};

/// The order of the path /api/orders/:id; nothing when that is no id.
[[nodiscard]] std::optional<OrderId> order_in_path(const http::Request& request);
[[nodiscard]] http::Problem no_such_order();

}  // namespace platform::order
