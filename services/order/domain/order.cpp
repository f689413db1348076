#include "services/order/domain/order.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace platform::order {
namespace {

constexpr std::string_view kService = "order-service";

events::Event
tell(const Order& order, events::Payload payload, std::optional<EventId> cause, const Stamp& stamp) {
    return {
        .metadata =
            {.event_id = EventId{stamp.next_id()},
             .correlation_id = order.correlation_id,
             .causation_id = cause,
             .occurred_at = stamp.now,
             .source_service = std::string(kService),
             .version = events::kVersion},
        .order_id = order.id,
        .payload = std::move(payload),
    };
}

events::Payload created(const Order& order) {
    const Content& content = order.content;
    return events::OrderCreated{
        .user_id = content.user_id,
        .product_id = content.product_id,
        .quantity = content.quantity,
        .price = content.price,
        .amount = content.amount,
        .currency = content.currency,
        .items = content.items
    };
}

events::Payload cancelled(const Order& order) {
    const Failure failure = order.saga.failure.value_or(Failure{});
    return events::OrderCancelled{
        .code = failure.code,
        .reason = failure.reason,
        .user_id = order.content.user_id,
        .amount = order.content.amount,
        .currency = order.content.currency
    };
}

events::Payload completed(const Order& order) {
    return events::OrderCompleted{
        .user_id = order.content.user_id, .amount = order.content.amount, .currency = order.content.currency
    };
}

/// Writes down when the legs moved. Another service's clock is believed as far as it fits between the order's
/// birth and now.
void note_legs(Order& order, const Saga& before, WallTime at) {
    Times& times = order.times;
    const Saga& after = order.saga;
    if (after.payment != before.payment) {
        const bool answered = after.payment == PaymentLeg::Completed || after.payment == PaymentLeg::Failed;
        (answered ? times.payment : times.payment_undone) = at;
    }
    if (after.inventory != before.inventory) {
        (after.inventory == InventoryLeg::Released ? times.inventory_undone : times.inventory) = at;
    }
}

std::vector<events::Event>
settle(Order& order, const Transition& transition, std::optional<EventId> cause, const Stamp& stamp) {
    if (!transition.changed) return {};
    ++order.version;
    if (terminal(order.state()) && !order.times.closed) order.times.closed = stamp.now;
    switch (transition.decision) {
        case Decision::None:
            return {};
        case Decision::Complete:
            order.times.decided = stamp.now;
            return {tell(order, completed(order), cause, stamp)};
        case Decision::Cancel:
            order.times.decided = stamp.now;
            return {tell(order, cancelled(order), cause, stamp)};
    }
    return {};
}

std::string_view payment_step(PaymentLeg leg, bool undone) {
    switch (leg) {
        case PaymentLeg::Failed:
            return "PAYMENT_FAILED";
        case PaymentLeg::Refunded:
            return undone ? "PAYMENT_REFUNDED" : "PAYMENT_COMPLETED";
        case PaymentLeg::Voided:
            return "PAYMENT_VOIDED";
        case PaymentLeg::RefundFailed:
            return undone ? "PAYMENT_REFUND_FAILED" : "PAYMENT_COMPLETED";
        case PaymentLeg::Pending:
        case PaymentLeg::Completed:
            return "PAYMENT_COMPLETED";
    }
    return "PAYMENT_COMPLETED";
}

}  // namespace

Order place(OrderId id, Content content, std::string correlation_id, WallTime now) {
    Order order;
    order.id = id;
    order.content = std::move(content);
    order.correlation_id = std::move(correlation_id);
    order.times.created = now;
    return order;
}

events::Event created_event(const Order& order) {
    const Stamp stamp{.next_id = [&order] { return order.id.uuid; }, .now = order.times.created};
    return tell(order, created(order), std::nullopt, stamp);
}

std::vector<events::Event> on_event(Order& order, const events::Event& event, const Stamp& stamp) {
    const Saga before = order.saga;
    const Transition transition = apply(order.saga, event.payload);
    const WallTime latest = std::max(order.times.created, stamp.now);
    note_legs(order, before, std::clamp(event.metadata.occurred_at, order.times.created, latest));
    auto told = settle(order, transition, event.metadata.event_id, stamp);
    for (events::Event& one : told) one.metadata.traceparent = event.metadata.traceparent;
    return told;
}

std::vector<events::Event> on_cancel(Order& order, Failure failure, const Stamp& stamp) {
    const Transition transition = cancel(order.saga, std::move(failure));
    return settle(order, transition, std::nullopt, stamp);
}

std::vector<events::Event> ask_again(const Order& order, const Stamp& stamp) {
    if (terminal(order.state())) return {};
    std::vector events{tell(order, order.saga.failure ? cancelled(order) : created(order), std::nullopt, stamp)};
#ifdef PLATFORM_MUTANT_ASKS_AGAIN_WITH_THE_OLD_ID
    if (!order.saga.failure) events.front().metadata.event_id = EventId{order.id.uuid};
#endif
    return events;
}

std::vector<events::Event>
tell_again(const Order& order, bool creation, bool decision, const std::function<Uuid()>& next_id) {
    std::vector<events::Event> told;
    const auto add = [&](events::Payload payload, WallTime when) {
        told.push_back(tell(order, std::move(payload), std::nullopt, Stamp{.next_id = next_id, .now = when}));
    };
    if (creation) add(created(order), order.times.created);
    if (decision && order.times.decided)
        add(order.saga.failure ? cancelled(order) : completed(order), *order.times.decided);
    return told;
}

std::vector<events::Item> lines_of(const Content& content) {
    if (!content.items.empty()) return content.items;
    return {{.product_id = content.product_id, .quantity = content.quantity, .price = content.price}};
}

std::vector<StepDone> steps_of(const Order& order) {
    std::vector<StepDone> steps;
    const auto note = [&steps](std::string_view step, const std::optional<WallTime>& at) {
        if (at) steps.push_back({.step = step, .at = *at});
    };
    const Times& times = order.times;
    const bool cancelled_order = order.saga.failure.has_value();
    note("ORDER_CREATED", times.created);
    note(payment_step(order.saga.payment, false), times.payment);
    note(
        order.saga.inventory == InventoryLeg::Failed ? "INVENTORY_RESERVATION_FAILED" : "INVENTORY_RESERVED",
        times.inventory
    );
    note(cancelled_order ? "ORDER_CANCELLED" : "ORDER_COMPLETED", times.decided);
    note(payment_step(order.saga.payment, true), times.payment_undone);
    note("INVENTORY_RELEASED", times.inventory_undone);
    if (cancelled_order) note("COMPENSATED", times.closed);
    std::ranges::stable_sort(steps, {}, &StepDone::at);
    return steps;
}

}  // namespace platform::order
