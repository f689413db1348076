#include "tests/simulation/payment_database.hpp"

#include <algorithm>
#include <utility>

namespace platform::simulation {

using payment::Outcome;
using payment::Payment;
using payment::ProviderRequest;

namespace {
constexpr int kLongestPauses = 30;  // the pause grows with the tries, up to this many times
}

const Payment* PaymentDatabase::find(const OrderId& order) const {
    const auto found = payments_.find(order);
    return found == payments_.end() ? nullptr : &found->second;
}

void PaymentDatabase::write(const Payment& payment) {
    const auto* old = find(payment.order_id);
    checker().payment_changed(old == nullptr ? std::nullopt : std::optional(*old), payment);
    payments_.insert_or_assign(payment.order_id, payment);
    if (payment::open(payment.state)) {
        look_at(payment.order_id, now() + retry_pause * std::clamp(payment.attempts + 1, 1, kLongestPauses));
    } else if (payment.state == payment::State::RefundFailed) {
        look_at(payment.order_id, now() + refused_pause);
    } else {
        look_at(payment.order_id, std::nullopt);
    }
}

void PaymentDatabase::look_at(const OrderId& order, std::optional<Instant> when) {
    if (const auto old = next_look_.find(order); old != next_look_.end()) {
        looks_.erase({old->second, order});
        next_look_.erase(old);
    }
    if (!when) return;
    next_look_.emplace(order, *when);
    looks_.emplace(*when, order);
}

std::vector<Payment> PaymentDatabase::take_due(std::size_t limit, Duration pause) {
    std::vector<Payment> due;
    while (due.size() < limit && !looks_.empty() && looks_.begin()->first <= now()) {
        Payment& payment = payments_.at(looks_.begin()->second);
        payment.attempts += 1;
        due.push_back(payment);
        look_at(payment.order_id, now() + pause * std::min(payment.attempts, kLongestPauses));
    }
    return due;
}

Result<void> SimulatedPaymentStore::change(std::span<const payment::Occasion> occasions, const Change& change) {
    if (occasions.empty()) return {};
    if (auto begun = session_.begin(); !begun) return begun;
    std::set<Uuid> fresh;
    std::map<OrderId, std::optional<Payment>> payments;
    std::vector<events::Event> told;
    for (std::size_t i = 0; i < occasions.size(); ++i) {
        const auto& [order, event] = occasions[i];
        if (event && !database_.admits(event->uuid, fresh)) continue;
        auto [at, added] = payments.try_emplace(order);
        if (const auto* row = added ? database_.find(order) : nullptr; row != nullptr) at->second = *row;
        std::ranges::move(change(i, at->second), std::back_inserter(told));
    }
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : told) rows.push_back(outbox::to_row(event, ""));
    outbox::bundle(rows);
    auto done = session_.commit([&] {
        database_.handled(fresh);
        for (const auto& [order, payment] : payments) {
            const auto* old = database_.find(order);
            if (payment && (old == nullptr || *old != *payment)) database_.write(*payment);
        }
        for (const auto& event : told) database_.checker().event_stored(event);
        database_.insert(rows, relay_.claim());
    });
    if (done) relay_.hand_over(std::move(rows));
    return done;
}

Result<std::vector<Payment>> SimulatedPaymentStore::take_due(std::size_t limit, Duration pause) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<Payment> due;
    auto done = session_.commit([&] { due = database_.take_due(limit, pause); });
    if (!done) return fail(std::move(done).error());
    return due;
}

Result<std::optional<Payment>> SimulatedPaymentStore::find(const OrderId& order) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    const auto* row = database_.find(order);
    return row == nullptr ? std::nullopt : std::optional(*row);
}

Outcome Bank::charge(const ProviderRequest& request) {
    const auto [entry, added] = ledger_.try_emplace(request.key);
    if (added) {
        if (request.price == declined_price) {
            entry->second = {.accepted = false, .reference = "", .reason = "The card was declined."};
        } else {
            entry->second = {.accepted = true, .reference = "bank-" + request.key, .reason = ""};
            checker_.charged(request.order_id, request.amount);
        }
    }
    return entry->second;
}

Outcome Bank::void_charge(const ProviderRequest& request) {
    if (!voids) return charge(request);
    const auto [entry, added] = ledger_.try_emplace(request.key);
    if (added) entry->second = {.accepted = false, .reference = "", .reason = "The charge was voided.", .voided = true};
    return entry->second;
}

std::optional<Outcome> Bank::find(const ProviderRequest& request) const {
    const auto known = finds ? ledger_.find(request.key) : ledger_.end();
    return known == ledger_.end() ? std::nullopt : std::optional(known->second);
}

/// A refusal is not remembered: the bank may think better of it.
Outcome Bank::refund(const ProviderRequest& request, bool refuse) {
    if (const auto known = ledger_.find(request.key); known != ledger_.end()) return known->second;
    if (refuse) return {.accepted = false, .reference = "", .reason = "The account is closed."};
    checker_.refunded(request.order_id, request.amount);
    return ledger_[request.key] = {.accepted = true, .reference = "bank-" + request.key, .reason = ""};
}

template <class Answer, class Work>
Result<Answer> SimulatedProvider::call(Work work) {
    process_.point();
    if (bank_.down || random_.chance(faults_.request_lost)) return fail(ErrorKind::Unavailable, "the bank is away");
    Answer answer = work();
    process_.point();
    if (random_.chance(faults_.answer_lost)) return fail(ErrorKind::Timeout, "the bank has not answered");
    return answer;
}

Result<Outcome> SimulatedProvider::charge(const ProviderRequest& request) {
    return call<Outcome>([&] { return bank_.charge(request); });
}

Result<Outcome> SimulatedProvider::refund(const ProviderRequest& request) {
    return call<Outcome>([&] { return bank_.refund(request, random_.chance(faults_.refund_refused)); });
}

Result<Outcome> SimulatedProvider::void_charge(const ProviderRequest& request) {
    return call<Outcome>([&] { return bank_.void_charge(request); });
}

Result<std::optional<Outcome>> SimulatedProvider::find(const ProviderRequest& request) {
    return call<std::optional<Outcome>>([&] { return bank_.find(request); });
}

}  // namespace platform::simulation
