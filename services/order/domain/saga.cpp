#include "services/order/domain/saga.hpp"

#include "shared/core/names.hpp"

#include <utility>
#include <variant>

namespace platform::order {
namespace {

using events::FailureCode;

constexpr Names<SagaState, 7> kStates{{
    {SagaState::Created, "CREATED"},
    {SagaState::PaymentCompleted, "PAYMENT_COMPLETED"},
    {SagaState::InventoryReserved, "INVENTORY_RESERVED"},
    {SagaState::Completed, "COMPLETED"},
    {SagaState::Compensating, "COMPENSATING"},
    {SagaState::Cancelled, "CANCELLED"},
    {SagaState::NeedsAttention, "NEEDS_ATTENTION"},
}};
constexpr Names<Status, 3> kStatuses{{
    {Status::Created, "CREATED"},
    {Status::Completed, "COMPLETED"},
    {Status::Cancelled, "CANCELLED"},
}};
constexpr Names<PaymentLeg, 6> kPaymentLegs{{
    {PaymentLeg::Pending, "PENDING"},
    {PaymentLeg::Completed, "COMPLETED"},
    {PaymentLeg::Failed, "FAILED"},
    {PaymentLeg::Refunded, "REFUNDED"},
    {PaymentLeg::Voided, "VOIDED"},
    {PaymentLeg::RefundFailed, "REFUND_FAILED"},
}};
constexpr Names<InventoryLeg, 4> kInventoryLegs{{
    {InventoryLeg::Pending, "PENDING"},
    {InventoryLeg::Reserved, "RESERVED"},
    {InventoryLeg::Failed, "FAILED"},
    {InventoryLeg::Released, "RELEASED"},
}};

bool settled(PaymentLeg leg) {
    return leg == PaymentLeg::Failed || leg == PaymentLeg::Refunded || leg == PaymentLeg::Voided;
}

bool settled(InventoryLeg leg) {
    return leg == InventoryLeg::Failed || leg == InventoryLeg::Released;
}

/// Forward only: a payment is answered once, undone once; a refund that failed may still succeed.
bool may_follow(PaymentLeg from, PaymentLeg to) {
    switch (from) {
        case PaymentLeg::Pending:
            return to != PaymentLeg::Pending;
        case PaymentLeg::Completed:
            return to == PaymentLeg::Refunded || to == PaymentLeg::RefundFailed;
        case PaymentLeg::RefundFailed:
            return to == PaymentLeg::Refunded;
        case PaymentLeg::Failed:
        case PaymentLeg::Refunded:
        case PaymentLeg::Voided:
#ifdef PLATFORM_MUTANT_LEGS_GO_BACK
            return to == PaymentLeg::Completed;
#endif
            return false;
    }
    return false;
}

bool may_follow(InventoryLeg from, InventoryLeg to) {
    switch (from) {
        case InventoryLeg::Pending:
            return to != InventoryLeg::Pending;
        case InventoryLeg::Reserved:
            return to == InventoryLeg::Released;
        case InventoryLeg::Failed:
        case InventoryLeg::Released:
            return false;
    }
    return false;
}

/// What an event says about a leg, and the reason it gives if the order cannot be completed after it.
struct News {
    std::optional<PaymentLeg> payment;
    std::optional<InventoryLeg> inventory;
    std::optional<Failure> failure;
};

/// An undone leg without a cancel of ours was undone by somebody else: the order cannot be completed any
/// more.
Failure undone_elsewhere(std::string_view what) {
    return {.code = FailureCode::OrderCancelled, .reason = std::string(what)};
}

struct NewsOf {
    News operator()(const events::PaymentCompleted& /*event*/) const {
        return payment(PaymentLeg::Completed);
    }
    News operator()(const events::PaymentFailed& event) const {
        return payment(PaymentLeg::Failed, Failure{.code = event.code, .reason = event.reason});
    }
    News operator()(const events::PaymentRefunded& /*event*/) const {
        return payment(PaymentLeg::Refunded, undone_elsewhere("The payment was refunded."));
    }
    News operator()(const events::PaymentVoided& /*event*/) const {
        return payment(PaymentLeg::Voided, undone_elsewhere("The payment was voided."));
    }
    News operator()(const events::PaymentRefundFailed& event) const {
        return payment(PaymentLeg::RefundFailed, undone_elsewhere(event.reason));
    }
    News operator()(const events::InventoryReserved& /*event*/) const {
        return inventory(InventoryLeg::Reserved);
    }
    News operator()(const events::InventoryReservationFailed& event) const {
        return inventory(InventoryLeg::Failed, Failure{.code = event.code, .reason = event.reason});
    }
    News operator()(const events::InventoryReleased& /*event*/) const {
        return inventory(InventoryLeg::Released, undone_elsewhere("The stock was released."));
    }
    template <class Other>
    News operator()(const Other& /*event*/) const {
        return {};
    }

private:
    static News payment(PaymentLeg leg, std::optional<Failure> failure = std::nullopt) {
        return {.payment = leg, .inventory = std::nullopt, .failure = std::move(failure)};
    }
    static News inventory(InventoryLeg leg, std::optional<Failure> failure = std::nullopt) {
        return {.payment = std::nullopt, .inventory = leg, .failure = std::move(failure)};
    }
};

bool advance(Saga& saga, const News& news) {
    if (news.payment && may_follow(saga.payment, *news.payment)) {
        saga.payment = *news.payment;
        return true;
    }
    if (news.inventory && may_follow(saga.inventory, *news.inventory)) {
        saga.inventory = *news.inventory;
        return true;
    }
    return false;
}

}  // namespace

SagaState state_of(const Saga& saga) {
    if (saga.failure) {
        if (saga.payment == PaymentLeg::RefundFailed) return SagaState::NeedsAttention;
        const bool undone = settled(saga.payment) && settled(saga.inventory);
        return undone ? SagaState::Cancelled : SagaState::Compensating;
    }
    const bool paid = saga.payment == PaymentLeg::Completed;
    const bool reserved = saga.inventory == InventoryLeg::Reserved;
    if (paid && reserved) return SagaState::Completed;
    if (paid) return SagaState::PaymentCompleted;
    if (reserved) return SagaState::InventoryReserved;
    return SagaState::Created;
}

Status status_of(SagaState state) {
    switch (state) {
        case SagaState::Completed:
            return Status::Completed;
        case SagaState::Cancelled:
            return Status::Cancelled;
        case SagaState::Created:
        case SagaState::PaymentCompleted:
        case SagaState::InventoryReserved:
        case SagaState::Compensating:
        case SagaState::NeedsAttention:
            return Status::Created;
    }
    return Status::Created;
}

Transition apply(Saga& saga, const events::Payload& payload) {
    if (terminal(state_of(saga))) return {};
    News news = std::visit(NewsOf{}, payload);
    if (!advance(saga, news)) return {};
    if (saga.failure) return {.changed = true, .decision = Decision::None};
    if (news.failure) {
        saga.failure = std::move(news.failure);
        return {.changed = true, .decision = Decision::Cancel};
    }
    const bool complete = state_of(saga) == SagaState::Completed;
    return {.changed = true, .decision = complete ? Decision::Complete : Decision::None};
}

Transition cancel(Saga& saga, Failure failure) {
    if (saga.failure || state_of(saga) == SagaState::Completed) return {};
    saga.failure = std::move(failure);
    return {.changed = true, .decision = Decision::Cancel};
}

std::string_view to_string(SagaState state) {
    return name_of(kStates, state);
}
std::string_view to_string(Status status) {
    return name_of(kStatuses, status);
}
std::string_view to_string(PaymentLeg leg) {
    return name_of(kPaymentLegs, leg);
}
std::string_view to_string(InventoryLeg leg) {
    return name_of(kInventoryLegs, leg);
}
std::optional<PaymentLeg> parse_payment_leg(std::string_view text) {
    return value_of(kPaymentLegs, text);
}
std::optional<InventoryLeg> parse_inventory_leg(std::string_view text) {
    return value_of(kInventoryLegs, text);
}
std::optional<SagaState> parse_saga_state(std::string_view text) {
    return value_of(kStates, text);
}
std::optional<Status> parse_status(std::string_view text) {
    return value_of(kStatuses, text);
}

}  // namespace platform::order
