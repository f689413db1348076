#include "services/inventory/domain/reservation.hpp"

#include "shared/core/check.hpp"
#include "shared/core/names.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace platform::inventory {
namespace {

constexpr Names<State, 4> kNames{{
    {State::Reserved, "RESERVED"},
    {State::Failed, "FAILED"},
    {State::Consumed, "CONSUMED"},
    {State::Released, "RELEASED"},
}};

constexpr std::int64_t kMostOfOneLine = std::numeric_limits<std::int32_t>::max();

events::Payload payload_of(const Reservation& reservation) {
    switch (reservation.state) {
        case State::Reserved:
        case State::Consumed:
            return events::InventoryReserved{
                .product_id = reservation.product_id, .quantity = reservation.quantity, .items = reservation.lines
            };
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
            return events::InventoryReleased{
                .product_id = reservation.product_id, .quantity = reservation.quantity, .items = reservation.lines
            };
    }
    return events::InventoryReleased{};
}

events::Event tell(OrderId order, events::Payload payload, const events::Event& cause, const Stamp& stamp) {
    return {
        .metadata =
            {.event_id = EventId{stamp.next_id()},
             .correlation_id = cause.metadata.correlation_id,
             .causation_id = cause.metadata.event_id,
             .occurred_at = stamp.now,
             .source_service = "inventory-service",
             .version = events::kVersion,
             .traceparent = cause.metadata.traceparent},
        .order_id = order,
        .payload = std::move(payload),
    };
}

events::Event answer(const Reservation& reservation, const events::Event& cause, const Stamp& stamp) {
    auto event = tell(reservation.order_id, payload_of(reservation), cause, stamp);
    event.metadata.correlation_id = reservation.correlation_id;
    return event;
}

std::int32_t bounded(std::int64_t quantity) {
    return static_cast<std::int32_t>(std::min(quantity, kMostOfOneLine));
}

/// Why the lines cannot be taken, if so: the first one that is short or unknown.
struct Shortage {
    events::FailureCode code = events::FailureCode::OutOfStock;
    events::Line line;
};
std::optional<Shortage> shortage(const std::vector<events::Line>& wanted, const Stocks& stocks) {
    for (const auto& line : wanted) {
        const auto stock = stocks.find(line.product_id);
        if (stock == stocks.end() || !stock->second.known()) {
            return Shortage{.code = events::FailureCode::UnknownProduct, .line = line};
        }
        if (stock->second.available() < line.quantity) {
            return Shortage{.code = events::FailureCode::OutOfStock, .line = line};
        }
    }
    return std::nullopt;
}

/// A reservation that holds everything, if stock allows; nothing is taken yet.
Reservation decide(
    const events::Event& event,
    const events::OrderCreated& order,
    std::vector<events::Line> wanted,
    const Stocks& stocks
) {
    Reservation made{
        .order_id = event.order_id,
        .state = State::Reserved,
        .product_id = order.product_id,
        .quantity = order.quantity,
        .failure_code = std::nullopt,
        .correlation_id = event.metadata.correlation_id,
    };
    if (const auto short_of = shortage(wanted, stocks)) {
        made.state = State::Failed;
        made.failure_code = short_of->code;
        made.product_id = short_of->line.product_id;
        made.quantity = bounded(short_of->line.quantity);
        return made;
    }
    const auto first = std::ranges::find(wanted, order.product_id, &events::Line::product_id);
    CHECK(first != wanted.end(), "the product of an order is in one of its lines");
    made.quantity = bounded(first->quantity);
    if (wanted.size() > 1 || first->quantity > kMostOfOneLine) made.lines = std::move(wanted);
    return made;
}

Effects reserve(
    const events::Event& event,
    const events::OrderCreated& order,
    std::optional<Reservation>& reservation,
    Stocks& stocks,
    const Stamp& stamp
) {
    Effects effects;
    const bool first_time = !reservation;
    if (first_time) reservation = decide(event, order, wanted_by(order), stocks);
    effects.answers.push_back(answer(*reservation, event, stamp));
    if (!first_time || reservation->state != State::Reserved) return effects;
    for (const auto& [product, quantity] : taken_by(*reservation)) {
        Stock& stock = stocks.at(product);
        const bool was_low = stock.low();
        const bool taken = stock.take(quantity);
        CHECK(taken, "every line was looked at before");
        effects.ledger.push_back(
            {.product_id = product, .order_id = event.order_id, .delta = -quantity, .movement = Movement::Reserved}
        );
        if (was_low || !stock.low()) continue;
        const events::StockLow low{
            .product_id = product, .available = stock.available(), .low_mark = stock.low_mark()
        };
        effects.answers.push_back(tell(OrderId{}, low, event, stamp));
    }
    return effects;
}

Effects release(
    const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks, const Stamp& stamp
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
        reservation->state = State::Released;
        for (const auto& [product, quantity] : taken_by(*reservation)) {
            Stock& stock = stocks.at(product);
            CHECK(stock.known(), "the product of a reservation exists");
            stock.give_back(quantity);
            effects.ledger.push_back(
                {.product_id = product, .order_id = event.order_id, .delta = quantity, .movement = Movement::Released}
            );
        }
    }
    effects.answers.push_back(answer(*reservation, event, stamp));
    return effects;
}

}  // namespace

std::string_view to_string(State state) {
    return name_of(kNames, state);
}

std::optional<State> parse_state(std::string_view text) {
    return value_of(kNames, text);
}

std::vector<events::Line> taken_by(const Reservation& reservation) {
    if (!reservation.lines.empty()) return reservation.lines;
    if (reservation.state == State::Failed || reservation.product_id.empty()) return {};
    return {{.product_id = reservation.product_id, .quantity = reservation.quantity}};
}

std::vector<events::Line> wanted_by(const events::OrderCreated& order) {
    if (order.items.empty()) return {{.product_id = order.product_id, .quantity = order.quantity}};
    std::map<std::string, std::int64_t> sums;
    for (const auto& item : order.items) sums[item.product_id] += item.quantity;
    std::vector<events::Line> lines;
    for (const auto& [product, quantity] : sums) lines.push_back({.product_id = product, .quantity = quantity});
    return lines;
}

bool Stock::take(std::int64_t quantity) {
    if (available() < quantity) return false;
    available_change_ -= quantity;
    reserved_change_ += quantity;
    return true;
}

void Stock::give_back(std::int64_t quantity) {
    available_change_ += quantity;
    reserved_change_ -= quantity;
}

bool is_answered(const events::Payload& payload) {
    return std::holds_alternative<events::OrderCreated>(payload) ||
           std::holds_alternative<events::OrderCancelled>(payload);
}

bool concerns_stock(const events::Payload& payload) {
    return is_answered(payload) || std::holds_alternative<events::OrderCompleted>(payload);
}

std::vector<std::string> products_of(const events::Event& event, const std::optional<Reservation>& reservation) {
    std::vector<events::Line> lines;
    const auto* created = std::get_if<events::OrderCreated>(&event.payload);
    if (reservation) {
        lines = taken_by(*reservation);
    } else if (created != nullptr) {
        lines = wanted_by(*created);
    }
    std::vector<std::string> products;
    for (auto& line : lines) products.push_back(std::move(line.product_id));
    return products;
}

Effects on_order_event(
    const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks, const Stamp& stamp
) {
    if (const auto* created = std::get_if<events::OrderCreated>(&event.payload)) {
        return reserve(event, *created, reservation, stocks, stamp);
    }
    if (std::holds_alternative<events::OrderCancelled>(event.payload)) {
        return release(event, reservation, stocks, stamp);
    }
    if (std::holds_alternative<events::OrderCompleted>(event.payload) && reservation &&
        reservation->state == State::Reserved) {
        for (const auto& line : taken_by(*reservation)) stocks.at(line.product_id).consume(line.quantity);
        reservation->state = State::Consumed;
    }
    return {};
}

}  // namespace platform::inventory
