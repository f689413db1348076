#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

#include <string>

namespace platform::order {

/// POST /api/admin/orders/:id/retry on the management port: asks payment and inventory again now for what the sweeper would
/// ask later. 202, 404, or 409 once the order has ended.
class AdminApi {
public:
    AdminApi(OrderStore& store, service::Readers& readers, service::Runtime& runtime);

private:
    void retry(const http::Request& request, http::Responder responder);
    [[nodiscard]] Result<http::Response> retry_now(const OrderId& id, const std::string& correlation_id);

    OrderStore& store_;
    service::Readers& readers_;
    service::Runtime& runtime_;
};

}  // namespace platform::order
