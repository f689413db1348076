#include "services/inventory/domain/reservation.hpp"

#include "shared/core/check.hpp"

#include <array>
#include <utility>
#include <variant>

namespace platform::inventory {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 4> kNames{{
    {State::Reserved, "RESERVED"},
    {State::Failed, "FAILED"},
    {State::Consumed, "CONSUMED"},
    {State::Released, "RELEASED"},
}};

events::Payload payload_of(const Reservation& reservation) {
    switch (reservation.state) {
        case State::Reserved:
        case State::Consumed:
            return events::InventoryReserved{.product_id = reservation.product_id, .quantity = reservation.quantity};
        case State::Failed: {
            const auto code = reservation.failure_code.value_or(events::FailureCode::OutOfStock);
            return events::InventoryReservationFailed{
                .code = code,
                .reason = code == events::FailureCode::UnknownProduct ? "There is no such product."
                                                                      : "There is not enough stock.",
                .product_id = reservation.product_id,
                .quantity = reservation.quantity
            };
        }
        case State::Released:
            return events::InventoryReleased{.product_id = reservation.product_id, .quantity = reservation.quantity};
    }
    return events::InventoryReleased{};
}

events::Event answer(const Reservation& reservation, const events::Event& cause, const Stamp& stamp) {
    return {
        .metadata =
            {.event_id = EventId{stamp.next_id()},
             .correlation_id = reservation.correlation_id,
             .causation_id = cause.metadata.event_id,
             .occurred_at = stamp.now,
             .source_service = "inventory-service",
             .version = events::kVersion},
        .order_id = reservation.order_id,
        .payload = payload_of(reservation),
    };
}

Effects reserve(
    const events::Event& event,
    const events::OrderCreated& order,
    std::optional<Reservation>& reservation,
    Stock& stock,
    const Stamp& stamp
) {
    Effects effects;
    if (!reservation) {
        reservation = Reservation{
            .order_id = event.order_id,
            .state = State::Failed,
            .product_id = order.product_id,
            .quantity = order.quantity,
            .failure_code = std::nullopt,
            .correlation_id = event.metadata.correlation_id,
        };
        if (!stock.known()) {
            reservation->failure_code = events::FailureCode::UnknownProduct;
        } else if (!stock.take(order.quantity)) {
            reservation->failure_code = events::FailureCode::OutOfStock;
        } else {
            reservation->state = State::Reserved;
            effects.ledger.push_back(
                {.product_id = order.product_id,
                 .order_id = event.order_id,
                 .delta = -static_cast<std::int64_t>(order.quantity),
                 .movement = Movement::Reserved}
            );
        }
    }
    effects.answers.push_back(answer(*reservation, event, stamp));
    return effects;
}

Effects release(
    const events::Event& event, std::optional<Reservation>& reservation, Stock& stock, const Stamp& stamp
) {
    Effects effects;
    if (!reservation) {
        // A tombstone: the ORDER_CREATED that may still come has to be refused.
        reservation = Reservation{
            .order_id = event.order_id,
            .state = State::Released,
            .product_id = "",
            .quantity = 0,
            .failure_code = std::nullopt,
            .correlation_id = event.metadata.correlation_id,
        };
    } else if (reservation->state == State::Reserved) {
        CHECK(stock.known(), "the product of a reservation exists");
        stock.give_back(reservation->quantity);
        reservation->state = State::Released;
        effects.ledger.push_back(
            {.product_id = reservation->product_id,
             .order_id = event.order_id,
             .delta = reservation->quantity,
             .movement = Movement::Released}
        );
    }
    effects.answers.push_back(answer(*reservation, event, stamp));
    return effects;
}

}  // namespace

std::string_view to_string(State state) {
    for (const auto& [value, name] : kNames) {
        if (value == state) return name;
    }
    CHECK(false, "every state has a name");
    return {};
}

std::optional<State> parse_state(std::string_view text) {
    for (const auto& [value, name] : kNames) {
        if (name == text) return value;
    }
    return std::nullopt;
}

std::string_view to_string(Movement movement) {
    switch (movement) {
        case Movement::Initial: return "INITIAL";
        case Movement::Reserved: return "RESERVED";
        case Movement::Released: return "RELEASED";
    }
    return "INITIAL";
}

bool Stock::take(std::int32_t quantity) {
    if (available() < quantity) return false;
    available_change_ -= quantity;
    reserved_change_ += quantity;
    return true;
}

void Stock::give_back(std::int32_t quantity) {
    available_change_ += quantity;
    reserved_change_ -= quantity;
}

std::string product_of(const events::Event& event, const std::optional<Reservation>& reservation) {
    if (reservation) return reservation->product_id;
    if (const auto* created = std::get_if<events::OrderCreated>(&event.payload)) return created->product_id;
    return {};
}

Effects on_order_event(
    const events::Event& event, std::optional<Reservation>& reservation, Stock& stock, const Stamp& stamp
) {
    if (const auto* created = std::get_if<events::OrderCreated>(&event.payload)) {
        return reserve(event, *created, reservation, stock, stamp);
    }
    if (std::holds_alternative<events::OrderCancelled>(event.payload)) {
        return release(event, reservation, stock, stamp);
    }
    if (std::holds_alternative<events::OrderCompleted>(event.payload) && reservation &&
        reservation->state == State::Reserved) {
        stock.consume(reservation->quantity);
        reservation->state = State::Consumed;
    }
    return {};
}

}  // namespace platform::inventory
