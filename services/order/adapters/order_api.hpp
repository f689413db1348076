#pragma once
#include "services/order/domain/accept_queue.hpp"
#include "services/order/domain/order_store.hpp"
#include "services/order/domain/prices.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"
#include "shared/telemetry/metrics.hpp"

#include <functional>
#include <string>
#include <vector>

namespace platform::order {

/// POST /api/orders and POST /api/orders/:id/cancel. Handlers parse and queue; committers and readers answer.
class OrderApi {
public:
    /// `wake` wakes a committer. The queue has to be closed before this ends. Orders are held to `prices`, unless it is null.
    OrderApi(
        std::string default_currency,
        const PriceBook* prices,
        AcceptQueue& queue,
        OrderStore& store,
        service::Readers& readers,
        service::Runtime& runtime,
        std::function<void()> wake
    );

private:
    void place(const http::Request& request, http::Responder responder);
    void cancel(const http::Request& request, http::Responder responder);
    [[nodiscard]] Result<http::Response> cancel_now(const OrderId& id, const std::string& correlation_id, const std::string& trace);
    [[nodiscard]] bool overloaded() const;
    /// Answers an order whose prices are not the catalogue's; false when they are.
    [[nodiscard]] bool refused_for_price(const NewOrder& order, http::Responder& responder);
    [[nodiscard]] Result<http::Response> answer_mispriced(const NewOrder& order, const std::vector<Fault>& faults);

    std::string default_currency_;
    const PriceBook* prices_;
    AcceptQueue& queue_;
    OrderStore& store_;
    service::Runtime& runtime_;
    std::function<void()> wake_;
    service::Readers& readers_;
    metrics::Counter shed_;
    metrics::Counter mispriced_;
};

}  // namespace platform::order
