#pragma once
#include "services/payment/adapters/mysql_payment_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::payment {

/// GET /api/payments?orderId=<uuid>: the payment of an order. GET /api/payments/<uuid>: the same by its own id.
class PaymentApi {
public:
    PaymentApi(MysqlPaymentStore& store, service::Runtime& runtime);

private:
    template <class IdType>
    void show(http::Responder responder, const IdType& id);

    MysqlPaymentStore& store_;
    service::Readers readers_;
};

}  // namespace platform::payment
