#pragma once
#include "services/payment/domain/payment_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace platform::payment {

/// Payments in memory, held to the same contract suite as the MySQL adapter. Its time stands still until
/// pass(). One thread.
class FakePaymentStore final : public PaymentStore {
public:
    static constexpr Duration kRetryPause = std::chrono::seconds(10);
    static constexpr Duration kFailedRefundPause = std::chrono::minutes(1);

    Result<void> change(std::span<const Occasion> occasions, const Change& change) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        auto payments_after = payments;
        auto inbox_after = inbox;
        std::vector<events::Event> told;
        for (std::size_t i = 0; i < occasions.size(); ++i) {
            const auto& id = occasions[i].event_id;
            if (id && !inbox_after.insert(*id).second) continue;
            for (auto& event : change(i, payments_after[occasions[i].order_id]))
                told.push_back(std::move(event));
        }
        if (refuses_events && !told.empty()) return fail(ErrorKind::Unavailable, "broken on purpose");
        for (const auto& [order, payment] : payments_after) {
            if (payment && payment != payments[order]) look_again(*payment);
        }
        payments = std::move(payments_after);
        inbox = std::move(inbox_after);
        emitted.insert(emitted.end(), told.begin(), told.end());
        return {};
    }
    Result<std::vector<Payment>> take_due(std::size_t limit, Duration pause) override {
        std::vector<std::pair<Duration, OrderId>> waiting;
        for (const auto& [order, time] : next_look_) {
            if (time <= now_) waiting.emplace_back(time, order);
        }
        std::ranges::sort(waiting);
        if (waiting.size() > limit) waiting.resize(limit);
        std::vector<Payment> due;
        for (const auto& [time, order] : waiting) {
            auto& payment = *payments[order];
            payment.attempts += 1;
            due.push_back(payment);
            next_look_[order] = now_ + pause * std::min(payment.attempts, 30);
        }
        return due;
    }
    Result<std::optional<Payment>> find(const OrderId& order) override { return payments[order]; }

    void pass(Duration time) { now_ += time; }

    std::map<OrderId, std::optional<Payment>> payments;
    std::set<EventId> inbox;
    std::vector<events::Event> emitted;
    bool broken = false;
    bool refuses_events = false;

private:
    void look_again(const Payment& payment) {
        if (open(payment.state)) {
            next_look_[payment.order_id] = now_ + kRetryPause * std::clamp(payment.attempts + 1, 1, 30);
        } else if (payment.state == State::RefundFailed) {
            next_look_[payment.order_id] = now_ + kFailedRefundPause;
        } else {
            next_look_.erase(payment.order_id);
        }
    }

    std::map<OrderId, Duration> next_look_;
    Duration now_{0};
};

}  // namespace platform::payment
