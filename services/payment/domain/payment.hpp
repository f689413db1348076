#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform::payment {

/// The life of a payment. It starts as Pending (an order asks for it) or Voided (the cancel came first), and only moves forward:
/// Pending -> Completed | Failed; Completed -> Refunding -> Refunded | RefundFailed -> Refunded;
/// Pending -> PendingCancel -> Refunding | Failed | Voided when it is known what became of the charge.
enum class State : std::uint8_t {
    Pending,
    PendingCancel,  ///< a charge is under way and the order has been cancelled meanwhile
    Completed,
    Failed,
    Refunding,
    Refunded,
    RefundFailed,  ///< several tries brought no refund: told once, tried on slowly
    Voided,        ///< nothing was charged and nothing will be
};

[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

/// True while the provider has to be asked for something.
[[nodiscard]] constexpr bool open(State state) {
    return state == State::Pending || state == State::PendingCancel || state == State::Refunding;
}

struct Payment {
    OrderId order_id;
    PaymentId payment_id;
    State state = State::Pending;
    Money amount;
    Money price;
    std::string currency;
    std::string product_id;
    std::int32_t quantity = 0;
    std::string user_id;
    std::string correlation_id;
    std::string transaction_id;
    std::string refund_id;
    std::optional<events::FailureCode> failure_code;
    std::string failure_reason;
    std::int32_t attempts = 0;  ///< tries at the provider that did not settle the state

    friend bool operator==(const Payment&, const Payment&) = default;
};

/// Gives identity and time to what the domain makes.
struct Stamp {
    std::function<Uuid()> next_id;
    WallTime now;
};

/// What the provider said about a charge or a refund.
struct Outcome {
    bool accepted = false;
    std::string reference;  ///< of the provider, when accepted
    std::string reason;     ///< when refused; of any length
    /// Not accepted because the charge was voided: nothing was taken, and under this key nothing ever will be.
    bool voided = false;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// An order event meets the payment of its order, if there is one. Answers again with the current state when there is nothing to do, so that a lost answer can be
/// asked for. Events that do not concern payments change and answer nothing. Never fails: every event is possible in every state.
[[nodiscard]] std::vector<events::Event> on_order_event(
    const events::Event& event, std::optional<Payment>& payment, const Stamp& stamp
);

/// The provider's answer to a charge, or to the wish to void it, arrives; without effect unless one is being waited for (compare-and-set on Pending).
[[nodiscard]] std::vector<events::Event> on_charged(Payment& payment, const Outcome& outcome, const Stamp& stamp);
/// The same for a refund. A refusal settles nothing: the refund is tried again, without limit. The `tries_to_tell`th try in a row that brought no
/// refund makes it RefundFailed, which is told once.
[[nodiscard]] std::vector<events::Event> on_refunded(
    Payment& payment, const Outcome& outcome, int tries_to_tell, const Stamp& stamp
);
/// A refund was asked for and nobody knows what became of it, for whatever reason; counts as a try without refund.
[[nodiscard]] std::vector<events::Event> on_refund_unanswered(Payment& payment, int tries_to_tell, const Stamp& stamp);

/// The idempotency keys under which the provider knows the two operations of an order.
[[nodiscard]] std::string charge_key(const OrderId& order);
[[nodiscard]] std::string refund_key(const OrderId& order);

}  // namespace platform::payment
