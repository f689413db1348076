#include "services/payment/domain/process_payments.hpp"

#include "shared/core/crash_point.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace platform::payment {
namespace {

struct Settled {
    OrderId order_id;
    bool refund = false;
    Outcome outcome;
};

ProviderRequest request_of(const Payment& payment, bool refund) {
    return {
        .key = refund ? refund_key(payment.order_id) : charge_key(payment.order_id),
        .order_id = payment.order_id,
        .amount = payment.amount,
        .price = payment.price,
        .currency = payment.currency,
        .transaction_id = payment.transaction_id,
    };
}

}  // namespace

ProcessPayments::ProcessPayments(
    Options options, PaymentStore& store, PaymentProvider& provider, const Clock& clock, UuidGenerator& ids
)
    : options_(options), store_(store), provider_(provider), clock_(clock), ids_(ids) {}

Stamp ProcessPayments::stamp() {
    return {.next_id = [this] { return ids_.next(); }, .now = clock_.wall()};
}

Result<void> ProcessPayments::handle(std::span<const events::Event> batch) {
    std::vector<Occasion> occasions;
    occasions.reserve(batch.size());
    for (const auto& event : batch) {
        occasions.push_back({.order_id = event.order_id, .event_id = event.metadata.event_id});
    }
    const Stamp now = stamp();
    std::vector<Payment> opened;
    auto stored = store_.change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
        const std::optional<State> before = payment ? std::optional(payment->state) : std::nullopt;
        auto answers = on_order_event(batch[index], payment, now);
        const bool began = payment && payment->state != before &&
                           (payment->state == State::Pending || payment->state == State::Refunding);
        if (began) opened.push_back(*payment);
        return answers;
    });
    if (!stored) return stored;
    crash_point("payment.after_intent");
    settle(opened);
    return {};
}

void ProcessPayments::settle(std::span<const Payment> open_payments) {
    std::vector<Settled> settled;
    std::vector<Occasion> occasions;
    for (const auto& payment : open_payments) {
        const bool refund = payment.state == State::Refunding || payment.state == State::RefundFailed;
        const auto request = request_of(payment, refund);
        auto outcome = refund ? provider_.refund(request) : provider_.charge(request);
        if (!outcome) {
            log::warn(
                "the payment provider did not answer; the payment stays open and is asked for again",
                {{"order_id", payment.order_id.text()}, {"refund", refund}, {"why", outcome.error().what}}
            );
            continue;
        }
        settled.push_back({.order_id = payment.order_id, .refund = refund, .outcome = *std::move(outcome)});
        occasions.push_back({.order_id = payment.order_id, .event_id = std::nullopt});
    }
    if (settled.empty()) return;
    crash_point("payment.after_provider");

    const Stamp now = stamp();
    std::vector<Payment> refunds_due;
    const auto stored = store_.change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
        if (!payment) return std::vector<events::Event>{};
        const auto& [order, refund, outcome] = settled[index];
        if (refund && payment->state == State::RefundFailed) payment->state = State::Refunding;
        auto answers = refund ? on_refunded(*payment, outcome, now) : on_charged(*payment, outcome, now);
        if (!refund && payment->state == State::Refunding) refunds_due.push_back(*payment);
        return answers;
    });
    if (!stored) {
        log::warn(
            "outcomes of the payment provider could not be stored; the sweeper asks for them again",
            {{"payments", settled.size()}, {"why", stored.error().what}}
        );
        return;
    }
    if (!refunds_due.empty()) settle(refunds_due);  // cancelled while the charge was under way: one level deep only
}

Duration ProcessPayments::sweep() {
    auto due = store_.take_due(options_.sweep_page, options_.retry_pause);
    if (!due) {
        log::warn("open payments could not be read", {{"why", due.error().what}});
        return options_.sweep_interval;
    }
    settle(*due);
    return due->size() == options_.sweep_page ? Duration::zero() : options_.sweep_interval;
}

}  // namespace platform::payment
