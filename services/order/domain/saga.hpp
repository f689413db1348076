#pragma once
#include "shared/events/events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace platform::order {

enum class PaymentLeg : std::uint8_t { Pending, Completed, Failed, Refunded, Voided, RefundFailed };
enum class InventoryLeg : std::uint8_t { Pending, Reserved, Failed, Released };

/// What the API calls `sagaState`.
enum class SagaState : std::uint8_t {
    Created,            ///< nothing has been answered yet
    PaymentCompleted,   ///< paid, stock not yet reserved
    InventoryReserved,  ///< stock reserved, not yet paid
    Completed,          ///< final
    Compensating,       ///< cancelled; what was done is being undone
    Cancelled,          ///< final: nothing is charged, nothing reserved
    NeedsAttention,     ///< cancelled, but the refund keeps failing; closed by a later refund
};

/// What the API calls `status`: the seed's three words. Created means "not final yet".
enum class Status : std::uint8_t { Created, Completed, Cancelled };

/// Why an order was cancelled.
struct Failure {
    events::FailureCode code = events::FailureCode::CustomerCancelled;
    std::string reason;
};

/// An order's progress: two legs that only move forward, and the decision to cancel. Everything else is
/// derived. Immutable rules: Completed is final; a cancel is final; exactly one of the two is ever decided.
struct Saga {
    PaymentLeg payment = PaymentLeg::Pending;
    InventoryLeg inventory = InventoryLeg::Pending;
    std::optional<Failure> failure;  ///< set = cancelled
};

[[nodiscard]] SagaState state_of(const Saga& saga);
[[nodiscard]] Status status_of(SagaState state);
[[nodiscard]] constexpr bool terminal(SagaState state) {
    return state == SagaState::Completed || state == SagaState::Cancelled;
}

/// What a transition decided for the first time; it has to be told to the other services.
enum class Decision : std::uint8_t { None, Complete, Cancel };

struct Transition {
    bool changed = false;  ///< false = late, repeated or of no concern
    Decision decision = Decision::None;
};

/// An event of another service meets the saga. Any order, repeats and late ones are allowed; never fails.
[[nodiscard]] Transition apply(Saga& saga, const events::Payload& payload);

/// The customer or the deadline cancels. Without effect once decided (see state_of() for the reason).
[[nodiscard]] Transition cancel(Saga& saga, Failure failure);

[[nodiscard]] std::string_view to_string(SagaState state);
[[nodiscard]] std::string_view to_string(Status status);
[[nodiscard]] std::string_view to_string(PaymentLeg leg);
[[nodiscard]] std::string_view to_string(InventoryLeg leg);
[[nodiscard]] std::optional<PaymentLeg> parse_payment_leg(std::string_view text);
[[nodiscard]] std::optional<InventoryLeg> parse_inventory_leg(std::string_view text);
[[nodiscard]] std::optional<SagaState> parse_saga_state(std::string_view text);
[[nodiscard]] std::optional<Status> parse_status(std::string_view text);

}  // namespace platform::order
