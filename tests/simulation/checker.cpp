#include "tests/simulation/checker.hpp"

#include "shared/kafka/headers.hpp"

#include <array>
#include <utility>
#include <vector>

namespace platform::simulation {
namespace {

using inventory::Reservation;
using order::InventoryLeg;
using order::Order;
using order::PaymentLeg;
using order::SagaState;

bool forward(PaymentLeg before, PaymentLeg after) {
    if (before == after || before == PaymentLeg::Pending) return true;
    if (before == PaymentLeg::Completed) return after == PaymentLeg::Refunded || after == PaymentLeg::RefundFailed;
    return before == PaymentLeg::RefundFailed && after == PaymentLeg::Refunded;
}

bool forward(InventoryLeg before, InventoryLeg after) {
    if (before == after || before == InventoryLeg::Pending) return true;
    return before == InventoryLeg::Reserved && after == InventoryLeg::Released;
}

bool holds(const std::optional<Reservation>& reservation) {
    return reservation && reservation->state == inventory::State::Reserved;
}

bool took(const std::optional<Reservation>& reservation) {
    return reservation && reservation->state == inventory::State::Consumed;
}

std::string_view header(const kafka::Headers& headers, std::string_view name) {
    const std::string* found = kafka::find_header(headers, name);
    return found == nullptr ? std::string_view{} : *found;
}

/// Nothing for a record that is no event of ours.
std::optional<Uuid> event_id(const kafka::Headers& headers) {
    const auto id = Uuid::parse(header(headers, "ce_id"));
    return id ? std::optional(*id) : std::nullopt;
}

}  // namespace

void Checker::violate(std::string what) {
    if (!looks_) return;
    if (!violation_) violation_ = std::move(what);
    scheduler_.end();
}

void Checker::note(std::uint64_t value) {
    trace_ = (trace_ ^ value) * 0x100000001b3ULL;
    trace_ ^= trace_ >> 29;
}

void Checker::note(const Uuid& id) {
    note(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
    for (const std::uint8_t byte : id.bytes()) note(byte);
}

void Checker::accepted(const OrderId& order) {
    Facts& known = facts(order);
    if (!known.order) violate("an order was accepted that is not stored: " + order.text());
    known.accepted = true;
}

void Checker::order_stored(const Order& order) {
    note(order.id.uuid);
    Facts& known = facts(order.id);
    if (known.order) return violate("an order was stored twice: " + order.id.text());
    known.order = order;
    ++stored_;
}

void Checker::order_changed(const Order& before, const Order& after) {
    note(after.id.uuid);
    note(static_cast<std::uint64_t>(after.version));
    Facts& known = facts(after.id);
    if (after.content != before.content) violate("an order's content changed: " + after.id.text());
    if (after.version <= before.version) violate("an order's version did not grow: " + after.id.text());
    check_legs(before, after);
    check_deadline(known, after);
    known.order = after;
    if (order::terminal(after.state()) && !known.ended) {
        known.ended = true;
        ++ended_;
        check_end(known, after);
    }
}

void Checker::check_legs(const Order& before, const Order& after) {
    const std::string id = after.id.text();
    if (!forward(before.saga.payment, after.saga.payment)) violate("the payment leg went back: " + id);
    if (!forward(before.saga.inventory, after.saga.inventory)) violate("the inventory leg went back: " + id);
    if (before.saga.failure && !after.saga.failure) violate("a cancel was taken back: " + id);
    if (order::terminal(before.state()) && before.state() != after.state()) violate("an ended order moved on: " + id);
}

/// Whoever is asked again answers, so that an order placed in bad times ends by an answer, not by its deadline.
void Checker::healed(bool clocks_agree) {
    constexpr Duration kLongestPauseOfTheSweeper = std::chrono::seconds(200);
    if (clocks_agree) no_deadlines_after_ = scheduler_.now() + kLongestPauseOfTheSweeper;
}

/// An outage of the broker cancels nothing: the deadline counts from the broker's receipt.
void Checker::check_deadline(const Facts& facts, const Order& order) {
    const bool late = order.saga.failure && order.saga.failure->code == events::FailureCode::DeadlineExceeded;
    if (!late || (facts.order && facts.order->saga.failure)) return;
    if (!facts.announced || scheduler_.now() - *facts.announced < deadline_) {
        violate("an order was cancelled before its deadline: " + order.id.text());
    }
    if (no_deadlines_after_ && scheduler_.now() > *no_deadlines_after_) {
        violate("an order met its deadline although everybody could answer: " + order.id.text());
    }
}

void Checker::check_end(const Facts& facts, const Order& order) {
    const std::string id = order.id.text();
    if (order.state() == SagaState::Completed) {
        if (facts.charges != 1 || facts.refunds != 0) violate("a completed order is not paid: " + id);
        if (!holds(facts.reservation) && !took(facts.reservation)) violate("a completed order has no stock: " + id);
    } else {
        if (facts.charges != facts.refunds) violate("a cancelled order is paid: " + id);
        if (holds(facts.reservation) || took(facts.reservation)) violate("a cancelled order has stock: " + id);
    }
}

void Checker::payment_changed(const std::optional<payment::Payment>& before, const payment::Payment& after) {
    using payment::State;
    note(after.order_id.uuid);
    note(static_cast<std::uint64_t>(after.state));
    const Facts& known = facts(after.order_id);
    const std::string id = after.order_id.text();
    if (!known.order) violate("a payment for an order that does not exist: " + id);
    const bool charged = known.charges == 1;
    if ((after.state == State::Completed || after.state == State::RefundFailed) && !charged) {
        violate("a payment says charged, the provider says no: " + id);
    }
    if ((after.state == State::Failed || after.state == State::Voided) && charged) {
        violate("a payment says not charged, the provider says charged: " + id);
    }
    if (after.state == State::Refunded && known.refunds != 1) {
        violate("a payment says refunded, the provider says no: " + id);
    }
    const bool final = before && (before->state == State::Failed || before->state == State::Refunded ||
                                  before->state == State::Voided);
    if (final && before->state != after.state) violate("a settled payment moved on: " + id);
}

void Checker::charged(const OrderId& order, Money amount) {
    note(order.uuid);
    Facts& known = facts(order);
    ++known.charges;
    if (known.charges > 1) violate("charged twice: " + order.text());
    if (!known.order) return violate("charged without an order: " + order.text());
    if (known.ended) violate("charged after its end: " + order.text());
    if (known.order->content.amount != amount) violate("charged another amount: " + order.text());
}

void Checker::refunded(const OrderId& order, Money amount) {
    note(order.uuid);
    Facts& known = facts(order);
    ++known.refunds;
    if (known.refunds > known.charges) violate("refunded what was not charged: " + order.text());
    if (!known.order) return violate("refunded without an order: " + order.text());
    if (!known.order->saga.failure) violate("refunded without a cancel: " + order.text());
    if (known.order->content.amount != amount) violate("refunded another amount: " + order.text());
}

void Checker::stock_seeded(const inventory::Item& item) {
    products_[item.product_id] = {.initial = item.available, .held = 0, .consumed = 0, .item = item};
}

void Checker::reservation_changed(const std::optional<Reservation>& before, const Reservation& after) {
    note(after.order_id.uuid);
    note(static_cast<std::uint64_t>(after.state));
    Facts& known = facts(after.order_id);
    const std::string id = after.order_id.text();
    if (!known.order) violate("a reservation for an order that does not exist: " + id);
    const std::optional<Reservation> now = after;
    if (before && !holds(before)) violate("a settled reservation moved on: " + id);
    if (!before && holds(now)) {
        if (known.ended) violate("stock reserved for an ended order: " + id);
        for (const auto& line : taken_by(after)) products_[line.product_id].held += line.quantity;
    }
    if (holds(before) && !holds(now)) {
        for (const auto& line : taken_by(after)) {
            products_[line.product_id].held -= line.quantity;
            if (took(now)) products_[line.product_id].consumed += line.quantity;
        }
    }
    if (took(now) && (!known.order || known.order->state() != SagaState::Completed)) {
        violate("stock taken for an order that is not completed: " + id);
    }
    known.reservation = after;
}

void Checker::stock_changed(const inventory::Item& item) {
    note(static_cast<std::uint64_t>(item.available));
    Product& product = products_[item.product_id];
    product.item = item;
    if (item.available < 0) violate("negative stock: " + item.product_id);
    if (item.reserved != product.held) violate("the reserved stock is not what reservations hold: " + item.product_id);
    if (item.available + product.held + product.consumed != product.initial) violate("stock drifts: " + item.product_id);
}

void Checker::message_added(const notification::Message& message) {
    note(message.order_id.uuid);
    Facts& known = facts(message.order_id);
    if (!known.order) violate("a message about an order that does not exist: " + message.order_id.text());
    if (!known.messages.emplace(message.kind, 0).second) violate("a message was stored twice: " + message.message_id);
}

void Checker::message_sent(const notification::Message& message, bool excused) {
    note(message.order_id.uuid);
    Facts& known = facts(message.order_id);
    if (++known.messages[message.kind] > 1 && !excused) violate("a message was sent twice: " + message.message_id);
}

void Checker::message_marked(const notification::Message& message, bool given_up) {
    note(message.order_id.uuid);
    if (!given_up && facts(message.order_id).messages[message.kind] == 0) {
        violate("a message is marked as sent and was not: " + message.message_id);
    }
}

void Checker::event_stored(const events::Event& event) {
    note(event.metadata.event_id.uuid);
    if (!facts(event.order_id).order) violate("an event of an order that does not exist: " + event.order_id.text());
    // Repeating the insert of an order after an unknown COMMIT stores its event again, under the same id.
    events_.try_emplace(event.metadata.event_id.uuid, false);
}

void Checker::outbox_removed(const kafka::OutgoingRecord& record) {
    const auto id = event_id(record.headers);
    if (!id) return;
    const auto known = events_.find(*id);
    if (known == events_.end() || !known->second) {
        violate("an event was forgotten before the broker had it: " + id->text());
    }
}

void Checker::appended(const kafka::Record& record) {
    note(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
    note(static_cast<std::uint64_t>(record.offset));
    const auto id = event_id(record.headers);
    if (!id) return;
    const auto known = events_.find(*id);
    if (known == events_.end()) return violate("a phantom: no database has stored the event " + id->text());
    known->second = true;
    if (header(record.headers, "ce_type") != "ORDER_CREATED") return;
    if (const auto order = OrderId::parse(record.key)) {
        auto& announced = facts(*order).announced;
        if (!announced) announced = scheduler_.now();
    }
}

void Checker::at_the_end() {
    for (const auto& [id, known] : events_) {
        if (!known) violate("an event never reached the broker: " + id.text());
    }
    for (const auto& [id, product] : products_) {
        if (product.item.available + product.held + product.consumed != product.initial) violate("stock drifts: " + id);
    }
    for (const auto& [id, facts] : facts_) final_check(id, facts);
}

void Checker::final_check(const OrderId& id, const Facts& facts) {
    const std::string name = id.text();
    if (!facts.order) return violate("something happened for an order that does not exist: " + name);
    const Order& order = *facts.order;
    if (!facts.ended) return violate("an order did not end: " + name);
    check_end(facts, order);
    if (tail_lost_) return;
    const bool completed = order.state() == SagaState::Completed;
    if (completed && !took(facts.reservation)) violate("the stock of a completed order is still reserved: " + name);
    std::vector<std::string> expected{completed ? "order-completed" : "order-cancelled"};
    if (facts.charges == 1 && order.times.payment) expected.emplace_back("payment-completed");
    if (order.saga.payment == PaymentLeg::Failed) expected.emplace_back("payment-failed");
    if (facts.refunds == 1) expected.emplace_back("payment-refunded");
    for (const std::string& kind : expected) {
        const auto message = facts.messages.find(kind);
        if (message == facts.messages.end() || message->second == 0) violate("the customer was not told " + kind + ": " + name);
    }
}

}  // namespace platform::simulation
