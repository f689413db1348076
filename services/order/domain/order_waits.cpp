#include "services/order/domain/order_waits.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace platform::order {

OrderWaits::OrderWaits(
    Options options,
    OrderStore& store,
    const Clock& clock,
    metrics::Registry& registry,
    std::function<bool()> closing
)
    : options_(options),
      store_(store),
      clock_(clock),
      closing_(std::move(closing)),
      waiting_gauge_(registry.gauge("order_waits", "Callers who wait for the end of an order")) {}

bool OrderWaits::wait(const OrderId& id, Duration at_most, Answer& answer) {
    if (closing_()) return false;
    const Instant now = clock_.now();
    {
        const std::lock_guard lock(mutex_);
        if (waiters_.size() >= options_.limit) return false;
        // Looked at first of all: what changed before this line is found by that look, what changes after it is told.
        waiters_.emplace(
            next_++,
            Waiter{
                .id = id,
                .until = now + std::min(at_most, options_.longest),
                .look_at = now,
                .answer = std::move(answer)
            }
        );
        waiting_ = waiters_.size();
    }
    if (wake_) wake_();
    return true;
}

void OrderWaits::changed(std::span<const OrderId> ids) {
    if (waiting_ == 0) return;
    const std::set<OrderId> all(ids.begin(), ids.end());
    const Instant now = clock_.now();
    bool any = false;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [ticket, waiter] : waiters_) {
            if (!all.contains(waiter.id)) continue;
            waiter.look_at = now;
            any = true;
        }
    }
    if (any && wake_) wake_();
}

std::vector<OrderWaits::Ticket> OrderWaits::due(Instant now, bool all, std::vector<OrderId>& ids) {
    constexpr std::size_t kPage = 500;
    std::vector<Ticket> tickets;
    std::set<OrderId> wanted;
    const std::lock_guard lock(mutex_);
    for (auto& [ticket, waiter] : waiters_) {
        if (!all && waiter.look_at > now) continue;
        if (tickets.size() == kPage) break;
        // Before the read, so that a change during it makes the waiter due again.
        waiter.look_at = std::max(now, std::min(now + options_.reread, waiter.until));
        tickets.push_back(ticket);
        wanted.insert(waiter.id);
    }
    ids.assign(wanted.begin(), wanted.end());
    return tickets;
}

void OrderWaits::settle(
    const std::vector<Ticket>& tickets,
    const Result<std::map<OrderId, Order>>& found,
    bool all
) {
    std::vector<std::pair<Answer, Result<std::optional<Order>>>> answers;
    {
        const Instant now = clock_.now();
        const std::lock_guard lock(mutex_);
        for (const Ticket ticket : tickets) {
            const auto waiter = waiters_.find(ticket);
            if (waiter == waiters_.end()) continue;
            const bool over = all || waiter->second.until <= now;
            Result<std::optional<Order>> answer = std::nullopt;
            if (!found) {
                if (!over) continue;  // the next look may succeed
                answer = fail(found.error());
            } else if (const auto order = found->find(waiter->second.id); order != found->end()) {
                if (!over && !terminal(order->second.state())) continue;
                answer = order->second;
            }
            answers.emplace_back(std::move(waiter->second.answer), std::move(answer));
            waiters_.erase(waiter);
        }
        waiting_ = waiters_.size();
    }
    waiting_gauge_.set(static_cast<double>(waiting_));
    for (auto& [answer, what] : answers) answer(std::move(what));
}

Duration OrderWaits::until_next(Instant now) {
    const std::lock_guard lock(mutex_);
    Duration pause = std::chrono::hours(1);
    for (const auto& [ticket, waiter] : waiters_) pause = std::min(pause, waiter.look_at - now);
    return std::max(pause, Duration::zero());
}

Duration OrderWaits::step(Instant now) {
    const bool all = closing_();
    std::vector<OrderId> ids;
    const auto tickets = due(now, all, ids);
    if (!tickets.empty()) settle(tickets, store_.find_all(ids), all);
    return until_next(clock_.now());
}

void OrderWaits::close() {
    std::map<Ticket, Waiter> left;
    {
        const std::lock_guard lock(mutex_);
        left.swap(waiters_);
        waiting_ = 0;
    }
    for (auto& [ticket, waiter] : left) waiter.answer(fail(ErrorKind::Unavailable, "the service stops"));
}

}  // namespace platform::order
