#pragma once
#include "services/payment/domain/payment.hpp"
#include "shared/core/money.hpp"
#include "shared/core/result.hpp"

#include <string>

namespace platform::payment {

struct ProviderRequest {
    std::string key;  ///< idempotency key: the same key is never charged or refunded twice
    OrderId order_id;
    Money amount;
    Money price;  ///< of one piece
    std::string currency;
    std::string transaction_id;  ///< of the charge, for a refund
};

/// Port: the company that moves the money. A refusal is an answer, not an error; after an error (Unavailable, Timeout) the outcome is unknown and the same key
/// is asked again. Thread-safe.
class PaymentProvider {
public:
    PaymentProvider() = default;
    PaymentProvider(const PaymentProvider&) = delete;
    PaymentProvider& operator=(const PaymentProvider&) = delete;
    virtual ~PaymentProvider() = default;
    [[nodiscard]] virtual Result<Outcome> charge(const ProviderRequest& request) = 0;
    [[nodiscard]] virtual Result<Outcome> refund(const ProviderRequest& request) = 0;
};

}  // namespace platform::payment
