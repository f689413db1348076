#pragma once
#include "services/payment/domain/payment.hpp"
#include "shared/core/money.hpp"
#include "shared/core/result.hpp"

#include <optional>
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

/// Port: the company that moves the money. A refusal is an answer, not an error; after an error nobody knows what happened, and the same key is asked
/// again: Unavailable and Timeout go away by themselves, any other kind wants a person (address, secret, contract). Thread-safe.
class PaymentProvider {
public:
    PaymentProvider() = default;
    PaymentProvider(const PaymentProvider&) = delete;
    PaymentProvider& operator=(const PaymentProvider&) = delete;
    virtual ~PaymentProvider() = default;
    [[nodiscard]] virtual Result<Outcome> charge(const ProviderRequest& request) = 0;
    [[nodiscard]] virtual Result<Outcome> refund(const ProviderRequest& request) = 0;

    /// Asks that the charge of this key is never made. Gives what is true from now on: voided, or what the charge had come to before. A provider that
    /// cannot void settles the charge, which is paid back then.
    [[nodiscard]] virtual Result<Outcome> void_charge(const ProviderRequest& request) { return charge(request); }
    /// What became of a charge or refund that was asked for earlier; nothing when the provider has not heard of the key, or cannot say.
    [[nodiscard]] virtual Result<std::optional<Outcome>> find(const ProviderRequest& /*request*/) {
        return std::optional<Outcome>{};
    }
    /// False while calls are known to fail: then one payment at a time is enough to find out when that ends.
    [[nodiscard]] virtual bool reachable() const { return true; }
};

}  // namespace platform::payment
