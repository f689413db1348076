#pragma once
#include "services/payment/domain/payment_store.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace platform::payment {

/// Payments in memory, held to the same contract suite as the MySQL adapter. One thread.
class FakePaymentStore final : public PaymentStore {
public:
    Result<void> change(std::span<const Occasion> occasions, const Change& change) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        for (std::size_t i = 0; i < occasions.size(); ++i) {
            const auto& id = occasions[i].event_id;
            if (id && !inbox.insert(*id).second) continue;
            auto& payment = payments[occasions[i].order_id];
            for (auto& event : change(i, payment)) emitted.push_back(std::move(event));
        }
        return {};
    }
    Result<std::vector<Payment>> take_due(std::size_t limit, Duration /*pause*/) override {
        std::vector<Payment> due;
        for (const auto& [order, payment] : payments) {
            const bool wanted = payment && (open(payment->state) || payment->state == State::RefundFailed);
            if (wanted && due.size() < limit) due.push_back(*payment);
        }
        return due;
    }
    Result<std::optional<Payment>> find(const OrderId& order) override { return payments[order]; }

    std::map<OrderId, std::optional<Payment>> payments;
    std::set<EventId> inbox;
    std::vector<events::Event> emitted;
    bool broken = false;
};

}  // namespace platform::payment
