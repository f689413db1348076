#include "services/order/domain/saga.hpp"

#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

// All histories at once. The saga stands between models of payment and inventory that do whatever they may do; what
// they have said once can arrive any number of times, at any later moment and in any order, and the customer or the
// deadline may cancel at every point. The states that this can reach are few (thousands), so all of them are visited.

namespace platform::order {
namespace {

using events::FailureCode;

enum class Payment : std::uint8_t { Idle, Charged, Declined, Refunded, Voided, RefundFailed };
enum class Stock : std::uint8_t { Idle, Reserved, OutOfStock, Released };

/// What can be said; a message is its place in this list.
const std::vector<events::Payload>& messages() {
    static const std::vector<events::Payload> kAll{
        paid(), declined(), refunded(), voided(), refund_failed(), reserved(), out_of_stock(), released()
    };
    return kAll;
}
enum Message : std::uint8_t { Paid, Declined, Refunded, Voided, RefundFailed, Reserved, OutOfStock, Released };

struct World {
    Saga saga;
    Payment payment = Payment::Idle;
    Stock stock = Stock::Idle;
    std::uint32_t said = 0;  ///< a bit for each message: it can arrive from now on

    [[nodiscard]] auto key() const {
        const int code = saga.failure ? 1 + static_cast<int>(saga.failure->code) : 0;
        return std::tuple(saga.payment, saga.inventory, code, payment, stock, said);
    }
    void say(Message message) { said |= 1U << message; }
    [[nodiscard]] bool decided() const { return saga.failure || state_of(saga) == SagaState::Completed; }
    /// ORDER_CANCELLED is on its way, or was.
    [[nodiscard]] bool cancel_told() const { return saga.failure.has_value(); }
};
using Key = decltype(World{}.key());

/// What payment and inventory may do next. Both know ORDER_CREATED from the start.
std::vector<World> moves_of_the_others(const World& now) {
    std::vector<World> next;
    const auto pay = [&](Payment to, Message message) {
        next.push_back(now);
        next.back().payment = to;
        next.back().say(message);
    };
    const auto store = [&](Stock to, Message message) {
        next.push_back(now);
        next.back().stock = to;
        next.back().say(message);
    };
    if (now.payment == Payment::Idle) {
        pay(Payment::Charged, Paid);
        pay(Payment::Declined, Declined);
        if (now.cancel_told()) pay(Payment::Voided, Voided);
    }
    if (now.payment == Payment::Charged && now.cancel_told()) {
        pay(Payment::Refunded, Refunded);
        pay(Payment::RefundFailed, RefundFailed);
    }
    if (now.payment == Payment::RefundFailed) pay(Payment::Refunded, Refunded);
    if (now.payment == Payment::Declined && now.cancel_told()) pay(Payment::Declined, Voided);
    if (now.stock == Stock::Idle) {
        store(Stock::Reserved, Reserved);
        store(Stock::OutOfStock, OutOfStock);
        if (now.cancel_told()) store(Stock::Released, Released);
    }
    if (now.stock == Stock::Reserved && now.cancel_told()) store(Stock::Released, Released);
    if (now.stock == Stock::OutOfStock && now.cancel_told()) store(Stock::OutOfStock, Released);
    return next;
}

int rank(PaymentLeg leg) {
    switch (leg) {
        case PaymentLeg::Pending:
            return 0;
        case PaymentLeg::Completed:
            return 1;
        case PaymentLeg::RefundFailed:
            return 2;
        case PaymentLeg::Failed:
        case PaymentLeg::Refunded:
        case PaymentLeg::Voided:
            return 3;
    }
    return -1;
}

int rank(InventoryLeg leg) {
    switch (leg) {
        case InventoryLeg::Pending:
            return 0;
        case InventoryLeg::Reserved:
            return 1;
        case InventoryLeg::Failed:
        case InventoryLeg::Released:
            return 2;
    }
    return -1;
}

/// What every step of the saga keeps.
void expect_lawful(const World& before, const World& after, const Transition& step) {
    const SagaState was = state_of(before.saga);
    const SagaState is = state_of(after.saga);
    ASSERT_GE(rank(after.saga.payment), rank(before.saga.payment)) << "a leg moved back";
    ASSERT_GE(rank(after.saga.inventory), rank(before.saga.inventory)) << "a leg moved back";
    ASSERT_EQ(step.changed, before.key() != after.key());
    if (terminal(was)) {
        ASSERT_FALSE(step.changed) << "the end was not the end";
    }
    if (before.saga.failure) {
        ASSERT_TRUE(after.saga.failure);
        ASSERT_EQ(before.saga.failure->code, after.saga.failure->code) << "the first reason stays";
    }
    const bool decides = step.decision != Decision::None;
    ASSERT_EQ(decides, !before.decided() && after.decided()) << "exactly one decision";
    ASSERT_EQ(step.decision == Decision::Complete, is == SagaState::Completed && was != SagaState::Completed);
    ASSERT_FALSE(after.saga.failure && is == SagaState::Completed) << "completed xor cancelled";
    if (was == SagaState::NeedsAttention) {
        ASSERT_TRUE(!step.changed || after.saga.payment == PaymentLeg::Refunded || is == SagaState::NeedsAttention)
            << "only a refund ends it";
    }
}

/// What an end says is so.
void expect_true(const World& world) {
    const SagaState state = state_of(world.saga);
    if (state == SagaState::Completed) {
        ASSERT_EQ(world.payment, Payment::Charged);
        ASSERT_EQ(world.stock, Stock::Reserved);
    }
    if (state == SagaState::Cancelled) {
        ASSERT_NE(world.payment, Payment::Charged);
        ASSERT_NE(world.payment, Payment::RefundFailed);
        ASSERT_NE(world.stock, Stock::Reserved);
    }
}

class Exploration {
public:
    /// Visits every state that can be reached.
    void run() {
        visit(World{});
        while (!open_.empty() && !testing::Test::HasFatalFailure()) {
            const World now = open_.front();
            open_.pop_front();
            expect_true(now);
            bool goes_on = false;
            for (const World& next : moves_of_the_others(now)) goes_on = visit(next, now) || goes_on;
            for (std::size_t message = 0; message < messages().size(); ++message) {
                if ((now.said & (1U << message)) == 0) continue;
                World next = now;
                const Transition step = apply(next.saga, messages()[message]);
                expect_lawful(now, next, step);
                goes_on = visit(next, now) || goes_on;
            }
            const SagaState state = state_of(now.saga);
            // Nobody cancels here: it has to end by itself once everything has been said and heard.
            EXPECT_TRUE(goes_on || terminal(state)) << "stuck in " << to_string(state);
            for (const FailureCode code : {FailureCode::CustomerCancelled, FailureCode::DeadlineExceeded}) {
                World next = now;
                const Transition step = cancel(next.saga, {.code = code, .reason = "r"});
                expect_lawful(now, next, step);
                visit(next);
            }
            ++seen_[state];
        }
    }
    [[nodiscard]] std::size_t states() const { return known_.size(); }
    [[nodiscard]] std::size_t seen(SagaState state) const {
        const auto found = seen_.find(state);
        return found == seen_.end() ? 0 : found->second;
    }

private:
    void visit(const World& world) {
        if (known_.insert(world.key()).second) open_.push_back(world);
    }
    /// Whether `next` is another state than `now`.
    bool visit(const World& next, const World& now) {
        visit(next);
        return next.key() != now.key();
    }

    std::set<Key> known_;
    std::deque<World> open_;
    std::map<SagaState, std::size_t> seen_;
};

TEST(SagaPropertyTest, EveryHistoryIsLawfulAndEnds) {
    Exploration all;
    all.run();
    EXPECT_GT(all.states(), 500U) << "the models do too little";
    for (const auto state :
         {SagaState::Created,
          SagaState::PaymentCompleted,
          SagaState::InventoryReserved,
          SagaState::Completed,
          SagaState::Compensating,
          SagaState::Cancelled,
          SagaState::NeedsAttention}) {
        EXPECT_GT(all.seen(state), 0U) << to_string(state) << " is never reached";
    }
}

/// The same with the order around it: what is told, how often, and that the end is written down.
TEST(SagaPropertyTest, EveryPairOfAnswersTellsOneDecisionWhereverTheCancelComes) {
    constexpr std::array kSets{
        std::array{Paid, Reserved, Refunded, Released},
        std::array{Declined, Reserved, Released, Released},
        std::array{Paid, OutOfStock, RefundFailed, Refunded},
        std::array{Voided, Released, Voided, Released},
    };
    int made = 0;
    const Stamp stamp{
        .next_id = [&made] { return Uuid::of_name("told " + std::to_string(++made)); }, .now = WallTime{}
    };
    for (const auto& set : kSets) {
        auto arrivals = set;
        std::ranges::sort(arrivals);
        do {
            for (std::size_t cancel_at = 0; cancel_at <= arrivals.size(); ++cancel_at) {
                Order order = new_order(1);
                std::vector<events::Event> told;
                const auto note = [&told](std::vector<events::Event> more) {
                    told.insert(told.end(), more.begin(), more.end());
                };
                for (std::size_t i = 0; i <= arrivals.size(); ++i) {
                    if (i == cancel_at)
                        note(on_cancel(order, {.code = FailureCode::CustomerCancelled, .reason = ""}, stamp));
                    if (i == arrivals.size()) break;
                    for (int times = 0; times < 2; ++times)
                        note(on_event(order, leg_event(order.id, 1, messages()[arrivals[i]]), stamp));
                }
                ASSERT_EQ(told.size(), 1U);
                const bool completed = std::holds_alternative<events::OrderCompleted>(told.front().payload);
                ASSERT_EQ(completed, order.state() == SagaState::Completed);
                ASSERT_TRUE(terminal(order.state())) << to_string(order.state());
                ASSERT_EQ(order.times.closed.has_value(), terminal(order.state()));
            }
        } while (std::ranges::next_permutation(arrivals).found);
    }
}

}  // namespace
}  // namespace platform::order
