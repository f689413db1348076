#pragma once
#include "services/payment/domain/payment.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace platform::payment {

/// One reason to look at a payment. With an event id it happens at most once per consumer group (inbox).
struct Occasion {
    OrderId order_id;
    std::optional<EventId> event_id;
};

/// Port: payments with their inbox and outbox. Thread-safe.
class PaymentStore {
public:
    PaymentStore() = default;
    PaymentStore(const PaymentStore&) = delete;
    PaymentStore& operator=(const PaymentStore&) = delete;
    virtual ~PaymentStore() = default;

    /// Changes the payment of occasion `index` (absent = none yet) and gives the events that tell of it.
    using Change = std::function<std::vector<events::Event>(std::size_t index, std::optional<Payment>& payment)>;
    /// One transaction: admits the occasions that are new, in their order applies `change` to each with its payment locked, stores what changed and the
    /// events, commits, then hands the events to the relay. All or nothing. Unavailable also when another process made the same payment meanwhile.
    [[nodiscard]] virtual Result<void> change(std::span<const Occasion> occasions, const Change& change) = 0;

    /// Open payments (and failed refunds) whose next attempt is due, longest due first, with that attempt counted; each one is put off by `pause`
    /// times its attempts (30 at most), so that no other process takes it meanwhile.
    [[nodiscard]] virtual Result<std::vector<Payment>> take_due(std::size_t limit, Duration pause) = 0;

    [[nodiscard]] virtual Result<std::optional<Payment>> find(const OrderId& order) = 0;
};

}  // namespace platform::payment
