#pragma once
#include "services/payment/domain/provider.hpp"
#include "shared/core/money.hpp"

#include <optional>

namespace platform::payment {

/// A provider in this process, for evaluation: declines a price, accepts the rest. It keeps nothing, and needs not: the same key always gets the same answer.
/// Immutable, thread-safe.
class SimulatedProvider final : public PaymentProvider {
public:
    struct Options {
        std::optional<Money> declined_price;
    };
    explicit SimulatedProvider(Options options) : options_(options) {}
    [[nodiscard]] Result<Outcome> charge(const ProviderRequest& request) override;
    [[nodiscard]] Result<Outcome> refund(const ProviderRequest& request) override;

private:
    Options options_;
};

}  // namespace platform::payment
