#include "services/payment/domain/payment.hpp"

#include "shared/core/names.hpp"

#include <utility>
#include <variant>

namespace platform::payment {
namespace {

constexpr Names<State, 8> kNames{{
    {State::Pending, "PENDING"},
    {State::PendingCancel, "PENDING_CANCEL"},
    {State::Completed, "COMPLETED"},
    {State::Failed, "FAILED"},
    {State::Refunding, "REFUNDING"},
    {State::Refunded, "REFUNDED"},
    {State::RefundFailed, "REFUND_FAILED"},
    {State::Voided, "VOIDED"},
}};

/// A provider's words, no longer than our records keep them, cut between two UTF-8 characters.
std::string bounded(std::string_view reason) {
    constexpr std::size_t kLongest = 255;
    std::size_t characters = 0;
    for (std::size_t at = 0; at < reason.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(reason[at]) & 0xC0U) != 0x80U;
        if (begins && characters++ == kLongest) return std::string(reason.substr(0, at));
    }
    return std::string(reason);
}

events::Event answer(
    const Payment& payment, events::Payload payload, std::optional<EventId> cause, const Stamp& stamp
) {
    return {
        .metadata =
            {.event_id = EventId{stamp.next_id()},
             .correlation_id = payment.correlation_id,
             .causation_id = cause,
             .occurred_at = stamp.now,
             .source_service = "payment-service",
             .version = events::kVersion},
        .order_id = payment.order_id,
        .payload = std::move(payload),
    };
}

/// The event that tells the payment's current state; nothing while the provider is being asked.
std::vector<events::Event> current_answer(const Payment& payment, std::optional<EventId> cause, const Stamp& stamp) {
    const auto one = [&](events::Payload payload) {
        return std::vector{answer(payment, std::move(payload), cause, stamp)};
    };
    switch (payment.state) {
        case State::Pending:
        case State::PendingCancel:
        case State::Refunding: return {};
        case State::Completed:
            return one(events::PaymentCompleted{
                .payment_id = payment.payment_id,
                .transaction_id = payment.transaction_id,
                .product_id = payment.product_id,
                .quantity = payment.quantity,
                .amount = payment.amount,
                .currency = payment.currency,
                .user_id = payment.user_id
            });
        case State::Failed:
            return one(events::PaymentFailed{
                .code = payment.failure_code.value_or(events::FailureCode::PaymentDeclined),
                .reason = payment.failure_reason,
                .user_id = payment.user_id
            });
        case State::Refunded:
            return one(events::PaymentRefunded{
                .payment_id = payment.payment_id,
                .transaction_id = payment.refund_id,
                .amount = payment.amount,
                .currency = payment.currency,
                .user_id = payment.user_id
            });
        case State::RefundFailed:
            return one(events::PaymentRefundFailed{.payment_id = payment.payment_id, .reason = payment.failure_reason});
        case State::Voided: return one(events::PaymentVoided{});
    }
    return {};
}

Payment begin(const events::Event& event, State state, const Stamp& stamp) {
    Payment payment;
    payment.order_id = event.order_id;
    payment.payment_id = PaymentId{stamp.next_id()};
    payment.state = state;
    payment.correlation_id = event.metadata.correlation_id;
    return payment;
}

std::vector<events::Event> on_created(
    const events::Event& event, const events::OrderCreated& order, std::optional<Payment>& payment, const Stamp& stamp
) {
    if (payment) return current_answer(*payment, event.metadata.event_id, stamp);
    payment = begin(event, State::Pending, stamp);
    payment->amount = order.amount;
    payment->price = order.price;
    payment->currency = order.currency;
    payment->product_id = order.product_id;
    payment->quantity = order.quantity;
    payment->user_id = order.user_id;
    return {};
}

std::vector<events::Event> on_cancelled(
    const events::Event& event, const events::OrderCancelled& order, std::optional<Payment>& payment, const Stamp& stamp
) {
    if (!payment) {
        // A tombstone: the ORDER_CREATED that may still come has to be refused.
        payment = begin(event, State::Voided, stamp);
        payment->amount = order.amount;
        payment->currency = order.currency;
        payment->user_id = order.user_id;
        auto answers = current_answer(*payment, event.metadata.event_id, stamp);
#ifdef PLATFORM_MUTANT_NO_TOMBSTONE
        payment.reset();
#endif
        return answers;
    }
#ifdef PLATFORM_MUTANT_REFUND_WITHOUT_CHARGE
    if (payment->state == State::Pending) payment->state = State::Completed;
#endif
    if (payment->state == State::Pending) payment->state = State::PendingCancel;
    if (payment->state == State::Completed) {
        payment->state = State::Refunding;
        payment->attempts = 0;
    }
    return current_answer(*payment, event.metadata.event_id, stamp);
}

/// Counts the try that brought no refund, as the store has counted those before it.
std::vector<events::Event> tell_after(int tries, Payment& payment, const Stamp& stamp) {
    if (payment.state != State::Refunding || payment.attempts + 1 < tries) return {};
    payment.state = State::RefundFailed;
    return current_answer(payment, std::nullopt, stamp);
}

}  // namespace

std::string_view to_string(State state) {
    return name_of(kNames, state);
}

std::optional<State> parse_state(std::string_view text) {
    return value_of(kNames, text);
}

std::vector<events::Event> on_order_event(
    const events::Event& event, std::optional<Payment>& payment, const Stamp& stamp
) {
    if (const auto* created = std::get_if<events::OrderCreated>(&event.payload)) {
        return on_created(event, *created, payment, stamp);
    }
    if (const auto* cancelled = std::get_if<events::OrderCancelled>(&event.payload)) {
        return on_cancelled(event, *cancelled, payment, stamp);
    }
    return {};
}

std::vector<events::Event> on_charged(Payment& payment, const Outcome& outcome, const Stamp& stamp) {
#ifndef PLATFORM_MUTANT_OUTCOME_WITHOUT_COMPARE
    if (payment.state != State::Pending && payment.state != State::PendingCancel) return {};
#endif
    payment.attempts = 0;
    if (outcome.voided && payment.state == State::PendingCancel) {
        payment.state = State::Voided;
        return current_answer(payment, std::nullopt, stamp);
    }
    if (!outcome.accepted) {
        payment.state = State::Failed;
        payment.failure_code = events::FailureCode::PaymentDeclined;
        payment.failure_reason = bounded(outcome.reason);
        return current_answer(payment, std::nullopt, stamp);
    }
    payment.transaction_id = outcome.reference;
    payment.state = payment.state == State::PendingCancel ? State::Refunding : State::Completed;
    return current_answer(payment, std::nullopt, stamp);
}

std::vector<events::Event> on_refunded(
    Payment& payment, const Outcome& outcome, int tries_to_tell, const Stamp& stamp
) {
    if (payment.state != State::Refunding && payment.state != State::RefundFailed) return {};
    if (!outcome.accepted) {
        payment.failure_reason = bounded(outcome.reason);
        return tell_after(tries_to_tell, payment, stamp);
    }
    payment.state = State::Refunded;
    payment.refund_id = outcome.reference;
    payment.failure_reason.clear();
    payment.attempts = 0;
    return current_answer(payment, std::nullopt, stamp);
}

std::vector<events::Event> on_refund_unanswered(Payment& payment, int tries_to_tell, const Stamp& stamp) {
    auto told = tell_after(tries_to_tell, payment, stamp);
    if (!told.empty() && payment.failure_reason.empty()) {
        payment.failure_reason = "The provider does not answer.";
        std::get<events::PaymentRefundFailed>(told.front().payload).reason = payment.failure_reason;
    }
    return told;
}

std::string charge_key(const OrderId& order) {
    return "order:" + order.text() + ":charge";
}

std::string refund_key(const OrderId& order) {
    return "order:" + order.text() + ":refund";
}

}  // namespace platform::payment
