#pragma once
#include "services/payment/domain/payment.hpp"
#include "services/payment/domain/payment_store.hpp"
#include "services/payment/domain/provider.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace platform::payment {

/// The use cases of the service. A provider is never called inside a transaction: the intent is committed, the provider asked, the outcome committed by
/// compare-and-set on the state; what a crash leaves open is finished by sweep(). handle() and sweep() may run on different threads.
class ProcessPayments {
public:
    struct Options {
        Duration retry_pause = std::chrono::seconds(10);  ///< until an open payment is taken up again
        std::size_t sweep_page = 100;
        Duration sweep_interval = std::chrono::seconds(1);
    };
    ProcessPayments(
        Options options, PaymentStore& store, PaymentProvider& provider, const Clock& clock, UuidGenerator& ids
    );

    /// Applies order events durably. An unknown outcome at the provider is not an error here: the payment stays open for the sweeper.
    [[nodiscard]] Result<void> handle(std::span<const events::Event> batch);
    /// Takes up open payments that are due. Gives the time until the next sweep.
    Duration sweep();

private:
    [[nodiscard]] Stamp stamp();
    void settle(std::span<const Payment> open_payments);

    Options options_;
    PaymentStore& store_;
    PaymentProvider& provider_;
    const Clock& clock_;
    UuidGenerator& ids_;
};

}  // namespace platform::payment
