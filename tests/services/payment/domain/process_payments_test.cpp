#include "services/payment/domain/process_payments.hpp"

#include "tests/services/payment/fake_payment_store.hpp"
#include "tests/services/payment/order_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace platform::payment {
namespace {

const OrderId kOrder{Uuid::of_name("order")};

/// Keeps what became of each key, as a bank does; can lose answers, before or after the money moved, and refuse refunds.
class FlakyProvider final : public PaymentProvider {
public:
    Result<Outcome> charge(const ProviderRequest& request) override {
        calls.push_back("charge");
        return move(request);
    }
    Result<Outcome> refund(const ProviderRequest& request) override {
        calls.push_back("refund");
        if (refused_refunds > 0) {
            --refused_refunds;
            return Outcome{.accepted = false, .reference = "", .reason = "bank says no"};
        }
        return move(request);
    }
    Result<Outcome> void_charge(const ProviderRequest& request) override {
        calls.push_back("void");
        if (!known.contains(request.key)) {
            known[request.key] = {.accepted = false, .reference = "", .reason = "", .voided = true};
        }
        return deliver(known[request.key]);
    }
    Result<std::optional<Outcome>> find(const ProviderRequest& request) override {
        calls.push_back("find");
        if (error) return fail(*error);
        return known.contains(request.key) ? std::optional(known[request.key]) : std::nullopt;
    }
    [[nodiscard]] bool reachable() const override { return !error; }

    int lost_answers = 0;
    int refused_refunds = 0;
    std::optional<Error> error;  ///< given to every call, before anything happens
    std::map<std::string, Outcome> known;
    std::vector<std::string> calls;

private:
    Result<Outcome> move(const ProviderRequest& request) {
        if (error) return fail(*error);
        known.try_emplace(request.key, Outcome{.accepted = true, .reference = "ref " + request.key, .reason = ""});
        return deliver(known[request.key]);
    }
    Result<Outcome> deliver(const Outcome& outcome) {
        if (lost_answers == 0) return outcome;
        --lost_answers;
        return fail(ErrorKind::Timeout, "answer lost");
    }
};

class ProcessPaymentsTest : public testing::Test {
protected:
    void handle(int number, events::Payload payload) {
        ASSERT_TRUE(process_.handle(std::array{order_event(kOrder, number, std::move(payload))}));
    }
    /// Lets the longest pause pass, then sweeps.
    Duration sweep() {
        store_.pass(std::chrono::minutes(10));
        return process_.sweep();
    }
    [[nodiscard]] State state() { return store_.payments[kOrder]->state; }
    [[nodiscard]] std::vector<std::string_view> told() const {
        std::vector<std::string_view> types;
        for (const auto& event : store_.emitted) types.push_back(events::type_name(event.payload));
        return types;
    }
    [[nodiscard]] std::ptrdiff_t called(const std::string& call) const { return std::ranges::count(provider_.calls, call); }

    FakeClock clock_;
    UuidGenerator ids_{clock_, 7};
    FakePaymentStore store_;
    FlakyProvider provider_;
    ProcessPayments process_{{.refund_tries_to_tell = 3}, store_, provider_, clock_, ids_};
};
using Types = std::vector<std::string_view>;

TEST_F(ProcessPaymentsTest, AnAnswerIsInTheTraceOfTheOrder) {
    auto event = order_event(kOrder, 1, created());
    event.metadata.traceparent = "the order's";
    ASSERT_TRUE(process_.handle(std::array{event}));
    ASSERT_EQ(store_.emitted.size(), 1U);
    EXPECT_EQ(store_.emitted[0].metadata.traceparent, "the order's");
}

TEST_F(ProcessPaymentsTest, ABatchIsChargedAndToldOnce) {
    const std::array batch{order_event(kOrder, 1, created()), order_event(kOrder, 1, created())};
    ASSERT_TRUE(process_.handle(batch));
    ASSERT_TRUE(process_.handle(batch)) << "a redelivery";
    EXPECT_EQ(state(), State::Completed);
    EXPECT_EQ(provider_.calls, std::vector<std::string>{"charge"});
    EXPECT_EQ(store_.emitted.size(), 1U);
}

TEST_F(ProcessPaymentsTest, AnUnknownOutcomeIsLookedUpAndNotChargedAgain) {
    provider_.lost_answers = 1;
    handle(1, created());
    EXPECT_EQ(state(), State::Pending);
    EXPECT_TRUE(store_.emitted.empty()) << "a technical failure is not a business event";
    EXPECT_GT(process_.sweep(), Duration::zero());
    EXPECT_EQ(called("find"), 0) << "not before its pause has passed";
    store_.pass(FakePaymentStore::kRetryPause);
    (void)process_.sweep();
    EXPECT_EQ(state(), State::Completed);
    EXPECT_EQ(provider_.calls, (std::vector<std::string>{"charge", "find"}));
    EXPECT_EQ(told(), Types{"PAYMENT_COMPLETED"});
}

TEST_F(ProcessPaymentsTest, WhatNeverReachedTheProviderIsAskedAgain) {
    provider_.error = Error{.kind = ErrorKind::Unavailable, .what = "away"};
    handle(1, created());
    (void)sweep();
    EXPECT_EQ(state(), State::Pending);
    provider_.error.reset();
    (void)sweep();
    EXPECT_EQ(state(), State::Completed);
    EXPECT_EQ(provider_.calls, (std::vector<std::string>{"charge", "find", "find", "charge"}));
}

TEST_F(ProcessPaymentsTest, AFaultOfConfigurationIsNeverADecline) {
    for (const auto kind : {ErrorKind::Denied, ErrorKind::Invalid, ErrorKind::Internal}) {
        provider_.error = Error{.kind = kind, .what = "wrong token"};
        if (kind == ErrorKind::Denied) handle(1, created());
        (void)sweep();
        EXPECT_EQ(state(), State::Pending);
        EXPECT_TRUE(store_.emitted.empty());
    }
    provider_.error.reset();
    (void)sweep();
    EXPECT_EQ(told(), Types{"PAYMENT_COMPLETED"});
}

TEST_F(ProcessPaymentsTest, AnOrderThatIsCancelledInItsOwnBatchIsNeverCharged) {
    ASSERT_TRUE(process_.handle(std::array{order_event(kOrder, 1, created()), order_event(kOrder, 2, cancelled())}));
    EXPECT_EQ(state(), State::Voided);
    EXPECT_EQ(provider_.calls, std::vector<std::string>{"void"});
    EXPECT_EQ(told(), Types{"PAYMENT_VOIDED"});
}

TEST_F(ProcessPaymentsTest, ACancelWhileTheChargeNeverReachedTheProviderVoidsIt) {
    provider_.error = Error{.kind = ErrorKind::Unavailable, .what = "away"};
    handle(1, created());
    provider_.error.reset();
    handle(2, cancelled());
    EXPECT_EQ(state(), State::Voided);
    EXPECT_EQ(told(), Types{"PAYMENT_VOIDED"});
    ProviderRequest late;
    late.key = charge_key(kOrder);
    EXPECT_TRUE(provider_.charge(late)->voided) << "a charge under way comes too late";
}

TEST_F(ProcessPaymentsTest, ACancelDuringAnUnknownChargeThatSucceededEndsRefunded) {
    provider_.lost_answers = 2;
    handle(1, created());
    handle(2, cancelled());
    EXPECT_EQ(state(), State::PendingCancel) << "the answer to the void was lost as well";
    (void)sweep();
    EXPECT_EQ(state(), State::Refunded);
    EXPECT_EQ(provider_.calls, (std::vector<std::string>{"charge", "void", "void", "refund"}));
    EXPECT_EQ(told(), Types{"PAYMENT_REFUNDED"});
}

TEST_F(ProcessPaymentsTest, ARefundIsTriedOnWithoutLimitAndItsFailureToldOnce) {
    provider_.refused_refunds = 10;
    handle(1, created());
    handle(2, cancelled());
    EXPECT_EQ(state(), State::Refunding);
    (void)sweep();
    EXPECT_EQ(told(), Types{"PAYMENT_COMPLETED"}) << "the second try";
    (void)sweep();
    EXPECT_EQ(state(), State::RefundFailed);
    for (int i = 0; i < 7; ++i) (void)sweep();
    EXPECT_EQ(told(), (Types{"PAYMENT_COMPLETED", "PAYMENT_REFUND_FAILED"}));
    (void)sweep();
    EXPECT_EQ(state(), State::Refunded);
    EXPECT_EQ(told(), (Types{"PAYMENT_COMPLETED", "PAYMENT_REFUND_FAILED", "PAYMENT_REFUNDED"}));
    (void)sweep();
    EXPECT_EQ(called("refund"), 11) << "nothing is left to do";
}

TEST_F(ProcessPaymentsTest, ARefundWithoutAnswersIsToldAsFailedAndLookedUpLater) {
    handle(1, created());
    provider_.lost_answers = 1;
    handle(2, cancelled());
    provider_.error = Error{.kind = ErrorKind::Timeout, .what = "silent"};
    for (int i = 0; i < 5; ++i) (void)sweep();
    EXPECT_EQ(told(), (Types{"PAYMENT_COMPLETED", "PAYMENT_REFUND_FAILED"}));
    provider_.error.reset();
    (void)sweep();
    EXPECT_EQ(told().back(), "PAYMENT_REFUNDED");
    EXPECT_EQ(called("refund"), 1) << "it had happened the first time";
}

TEST_F(ProcessPaymentsTest, ACancelAsksAgainForAFailedRefundAtOnce) {
    provider_.refused_refunds = 3;
    handle(1, created());
    handle(2, cancelled());
    (void)sweep();
    (void)sweep();
    ASSERT_EQ(state(), State::RefundFailed);
    handle(3, cancelled());
    EXPECT_EQ(state(), State::Refunded);
    EXPECT_EQ(
        told(), (Types{"PAYMENT_COMPLETED", "PAYMENT_REFUND_FAILED", "PAYMENT_REFUND_FAILED", "PAYMENT_REFUNDED"})
    ) << "the answer to who asks, then the end";
}

TEST_F(ProcessPaymentsTest, AProviderThatIsAwayIsTriedWithOnePaymentAndThenAllAreTakenUp) {
    constexpr int kOrders = 250;
    provider_.error = Error{.kind = ErrorKind::Unavailable, .what = "away"};
    std::vector<events::Event> batch;
    for (int i = 0; i < kOrders; ++i) batch.push_back(order_event(OrderId{Uuid::of_name(std::to_string(i))}, i, created()));
    ASSERT_TRUE(process_.handle(batch));
    provider_.calls.clear();
    EXPECT_GT(sweep(), Duration::zero());
    EXPECT_EQ(provider_.calls.size(), 1U);
    provider_.error.reset();
    int sweeps = 1;
    while (process_.sweep() == Duration::zero()) ++sweeps;
    EXPECT_EQ(sweeps, 3) << "pages of 100, without a pause";
    store_.pass(std::chrono::minutes(1));
    (void)process_.sweep();
    EXPECT_EQ(std::ranges::count(told(), "PAYMENT_COMPLETED"), kOrders);
}

TEST_F(ProcessPaymentsTest, PaymentsOfABatchMayBeAskedForInAnyOrder) {
    std::size_t asked = 0;
    ProcessPayments backwards{
        {},
        store_,
        provider_,
        clock_,
        ids_,
        [&](std::size_t count, const std::function<void(std::size_t)>& body) {
            for (std::size_t i = count; i-- > 0; ++asked) body(i);
        }
    };
    const OrderId other{Uuid::of_name("other")};
    ASSERT_TRUE(backwards.handle(std::array{order_event(kOrder, 1, created()), order_event(other, 2, created())}));
    EXPECT_EQ(asked, 2U);
    EXPECT_EQ(store_.payments[kOrder]->transaction_id, "ref " + charge_key(kOrder));
    EXPECT_EQ(store_.payments[other]->transaction_id, "ref " + charge_key(other));
}

TEST_F(ProcessPaymentsTest, ABrokenStoreIsReportedAndNothingIsCharged) {
    store_.broken = true;
    EXPECT_FALSE(process_.handle(std::array{order_event(kOrder, 1, created())}));
    EXPECT_TRUE(provider_.calls.empty());
    EXPECT_GT(process_.sweep(), Duration::zero());
}

}  // namespace
}  // namespace platform::payment
