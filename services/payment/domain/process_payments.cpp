#include "services/payment/domain/process_payments.hpp"

#include "shared/core/crash_point.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <variant>

namespace platform::payment {
namespace {

bool is_refund(const Payment& payment) {
    return payment.state == State::Refunding || payment.state == State::RefundFailed;
}

ProviderRequest request_of(const Payment& payment) {
    return {
        .key = is_refund(payment) ? refund_key(payment.order_id) : charge_key(payment.order_id),
        .order_id = payment.order_id,
        .amount = payment.amount,
        .price = payment.price,
        .currency = payment.currency,
        .transaction_id = payment.transaction_id,
    };
}

/// True when this event gave the provider something to do at once. A cancel also asks again for a refund that failed.
bool to_be_asked(const events::Event& event, std::optional<State> before, const std::optional<Payment>& after) {
    if (!after) return false;
    if (after->state == State::RefundFailed) return std::holds_alternative<events::OrderCancelled>(event.payload);
    return open(after->state) && after->state != before;
}

/// One line for what a batch did not get to know: a provider that is away would fill the log otherwise.
void report(std::size_t unanswered, const Error& first) {
    if (unanswered == 0) return;
    if (retryable(first.kind)) {
        log::warn(
            "the payment provider did not answer; the payments stay open and are asked for again",
            {{"payments", unanswered}, {"why", first.what}}
        );
    } else {
        log::error(
            "the payment provider does not accept our requests, or we do not understand its answers; the payments stay open",
            {{"payments", unanswered}, {"why", first.what}}
        );
    }
}

void put_into(std::vector<events::Event>& answers, const std::string& traceparent) {
    for (auto& answer : answers) answer.metadata.traceparent = traceparent;
}

}  // namespace

ProcessPayments::ProcessPayments(
    Options options,
    PaymentStore& store,
    PaymentProvider& provider,
    const Clock& clock,
    UuidGenerator& ids,
    ForEach for_each
)
    : options_(options),
      store_(store),
      provider_(provider),
      clock_(clock),
      ids_(ids),
      for_each_(std::move(for_each)) {
    if (for_each_) return;
    for_each_ = [](std::size_t count, const std::function<void(std::size_t)>& body) {
        for (std::size_t i = 0; i < count; ++i) body(i);
    };
}

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
    std::map<OrderId, Payment> opened;  // as the last event of the batch left it: an order cancelled in its own batch is voided, not charged
    Traces traces;
    auto stored = store_.change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
        const std::optional<State> before = payment.transform([](const Payment& one) { return one.state; });
        auto answers = on_order_event(batch[index], payment, now);
        const std::string& trace = batch[index].metadata.traceparent;
        put_into(answers, trace);
        if (to_be_asked(batch[index], before, payment)) {
            opened.insert_or_assign(payment->order_id, *payment);
            traces.insert_or_assign(payment->order_id, trace);
        }
        return answers;
    });
    if (!stored) return stored;
    crash_point("payment.after_intent");
    std::vector<Payment> payments;
    payments.reserve(opened.size());
    for (auto& [order, payment] : opened) payments.push_back(std::move(payment));
    settle(payments, Asked::Never, traces);
    return {};
}

ProcessPayments::Answer ProcessPayments::ask(const Payment& payment, Asked asked) {
    const auto request = request_of(payment);
    Answer answer{.order_id = payment.order_id, .refund = is_refund(payment), .outcome = {}};
    if (payment.state == State::PendingCancel) {
        answer.outcome = provider_.void_charge(request);
        return answer;
    }
    if (asked == Asked::Before) {
        // A provider keeps its idempotency keys for a time only; what it has done it knows for longer.
        auto known = provider_.find(request);
        if (!known) {
            answer.outcome = fail(std::move(known).error());
            return answer;
        }
        if (*known) {
            answer.outcome = **std::move(known);
            // What was refused may be granted later, but for the asking.
            if (!answer.refund || answer.outcome->accepted) return answer;
        }
    }
    answer.outcome = answer.refund ? provider_.refund(request) : provider_.charge(request);
    return answer;
}

std::vector<ProcessPayments::Answer> ProcessPayments::ask_all(std::span<const Payment> payments, Asked asked) {
    std::vector<Answer> answers(payments.size());
    for_each_(payments.size(), [&](std::size_t i) { answers[i] = ask(payments[i], asked); });
    return answers;
}

std::vector<events::Event> ProcessPayments::apply(const Answer& answer, Payment& payment, const Stamp& now) const {
    if (!answer.outcome) return on_refund_unanswered(payment, options_.refund_tries_to_tell, now);
    if (answer.refund) return on_refunded(payment, *answer.outcome, options_.refund_tries_to_tell, now);
    return on_charged(payment, *answer.outcome, now);
}

std::size_t ProcessPayments::settle(std::span<const Payment> payments, Asked asked, const Traces& traces) {
    if (payments.empty()) return 0;
    std::vector<Answer> answers = ask_all(payments, asked);
    const auto unanswered = [](const Answer& answer) { return !answer.outcome; };
    const auto first = std::ranges::find_if(answers, unanswered);
    const auto lost = static_cast<std::size_t>(std::ranges::count_if(answers, unanswered));
    if (first != answers.end()) report(lost, first->outcome.error());
    const std::size_t known = answers.size() - lost;
    // Of charges without an outcome there is nothing to note.
    std::erase_if(answers, [](const Answer& answer) { return !answer.outcome && !answer.refund; });
    if (answers.empty()) return 0;
    crash_point("payment.after_provider");

    std::vector<Occasion> occasions;
    occasions.reserve(answers.size());
    for (const auto& answer : answers) {
        occasions.push_back({.order_id = answer.order_id, .event_id = std::nullopt});
    }
    const Stamp now = stamp();
    std::vector<Payment> refunds_due;
    const auto stored = store_.change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
        if (!payment) return std::vector<events::Event>{};
        auto told = apply(answers[index], *payment, now);
        if (const auto trace = traces.find(payment->order_id); trace != traces.end()) put_into(told, trace->second);
        if (!answers[index].refund && payment->state == State::Refunding) refunds_due.push_back(*payment);
        return told;
    });
    if (!stored) {
        log::warn(
            "outcomes of the payment provider could not be stored; the sweeper asks for them again",
            {{"payments", answers.size()}, {"why", stored.error().what}}
        );
        return 0;
    }
    settle(refunds_due, Asked::Never, traces);  // cancelled while the charge was under way: one level deep only
    return known;
}

Duration ProcessPayments::sweep() {
    const std::size_t page = provider_.reachable() ? options_.sweep_page : 1;
    auto due = store_.take_due(page, options_.retry_pause);
    if (!due) {
        log::warn("open payments could not be read", {{"why", due.error().what}});
        return options_.sweep_interval;
    }
    const std::size_t known = settle(*due, Asked::Before, {});
    return due->size() == page && known > 0 ? Duration::zero() : options_.sweep_interval;
}

}  // namespace platform::payment
