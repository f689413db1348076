#pragma once
#include "services/payment/domain/payment.hpp"
#include "services/payment/domain/payment_store.hpp"
#include "services/payment/domain/provider.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
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
        int refund_tries_to_tell = 5;  ///< a refund that failed so often is told as failed, and tried on
    };
    /// Calls body(0) .. body(count - 1) in any order and on any threads, and returns when all have ended.
    using ForEach = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

    /// `for_each` asks the provider for the payments of a batch; by default one after the other.
    ProcessPayments(
        Options options,
        PaymentStore& store,
        PaymentProvider& provider,
        const Clock& clock,
        UuidGenerator& ids,
        ForEach for_each = {}
    );

    /// Applies order events durably. An unknown outcome at the provider is not an error here: the payment stays open for the sweeper.
    [[nodiscard]] Result<void> handle(std::span<const events::Event> batch);
    /// Takes up open payments that are due: asks what became of them, and again for what the provider has not heard of. While the provider is not
    /// reachable it tries one of them only. Gives the time until the next sweep.
    Duration sweep();

private:
    /// Whether a payment may have been asked for before.
    enum class Asked : bool { Never, Before };
    struct Answer {
        OrderId order_id;
        bool refund = false;
        Result<Outcome> outcome;
    };

    [[nodiscard]] Stamp stamp();
    [[nodiscard]] Answer ask(const Payment& payment, Asked asked);
    [[nodiscard]] std::vector<Answer> ask_all(std::span<const Payment> payments, Asked asked);
    [[nodiscard]] std::vector<events::Event> apply(const Answer& answer, Payment& payment, const Stamp& now) const;
    /// The trace contexts of the events that led to the questions; not kept, so that what the sweeper settles has none.
    using Traces = std::map<OrderId, std::string>;
    /// Gives how many outcomes are known and stored.
    std::size_t settle(std::span<const Payment> payments, Asked asked, const Traces& traces);

    Options options_;
    PaymentStore& store_;
    PaymentProvider& provider_;
    const Clock& clock_;
    UuidGenerator& ids_;
    ForEach for_each_;
};

}  // namespace platform::payment
