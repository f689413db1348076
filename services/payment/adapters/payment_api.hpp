#pragma once
#include "services/payment/domain/payment_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::payment {

/// GET /api/payments?orderId=<uuid>: the payment of an order.
class PaymentApi {
public:
    PaymentApi(PaymentStore& store, service::Runtime& runtime);

private:
    PaymentStore& store_;
    service::Readers readers_;
};

}  // namespace platform::payment
