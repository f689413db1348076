#include "services/payment/domain/process_payments.hpp"

#include "tests/services/payment/fake_payment_store.hpp"
#include "tests/services/payment/order_events.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace platform::payment {
namespace {

const OrderId kOrder{Uuid::of_name("order")};

/// Counts what really moved by key; can fail before or after the money moved.
class FlakyProvider final : public PaymentProvider {
public:
    Result<Outcome> charge(const ProviderRequest& request) override { return move(request); }
    Result<Outcome> refund(const ProviderRequest& request) override { return move(request); }
    int lost_answers = 0;
    std::map<std::string, int> moved;

private:
    Result<Outcome> move(const ProviderRequest& request) {
        if (moved[request.key] == 0) moved[request.key] = 1;
        if (lost_answers > 0) {
            --lost_answers;
            return fail(ErrorKind::Timeout, "answer lost");
        }
        return Outcome{.accepted = true, .reference = "ref " + request.key, .reason = ""};
    }
};

class ProcessPaymentsTest : public testing::Test {
protected:
    FakeClock clock_;
    UuidGenerator ids_{clock_, 7};
    FakePaymentStore store_;
    FlakyProvider provider_;
    ProcessPayments process_{{}, store_, provider_, clock_, ids_};
};

TEST_F(ProcessPaymentsTest, ABatchIsChargedAndToldOnce) {
    const std::array batch{order_event(kOrder, 1, created()), order_event(kOrder, 1, created())};
    ASSERT_TRUE(process_.handle(batch));
    ASSERT_TRUE(process_.handle(batch)) << "a redelivery";
    EXPECT_EQ(store_.payments[kOrder]->state, State::Completed);
    EXPECT_EQ(provider_.moved.size(), 1U);
    EXPECT_EQ(store_.emitted.size(), 1U);
}

TEST_F(ProcessPaymentsTest, AnUnknownOutcomeIsFinishedByTheSweeperUnderTheSameKey) {
    provider_.lost_answers = 2;
    const std::array batch{order_event(kOrder, 1, created())};
    ASSERT_TRUE(process_.handle(batch));
    EXPECT_EQ(store_.payments[kOrder]->state, State::Pending);
    EXPECT_TRUE(store_.emitted.empty()) << "a technical failure is not a business event";
    EXPECT_GT(process_.sweep(), Duration::zero());
    EXPECT_EQ(provider_.lost_answers, 1) << "not before its pause has passed";
    store_.pass(FakePaymentStore::kRetryPause);
    (void)process_.sweep();
    EXPECT_EQ(store_.payments[kOrder]->state, State::Pending);
    store_.pass(FakePaymentStore::kRetryPause);
    (void)process_.sweep();
    EXPECT_EQ(store_.payments[kOrder]->state, State::Completed);
    EXPECT_EQ(provider_.moved.size(), 1U);
}

TEST_F(ProcessPaymentsTest, ACancelDuringAnUnknownChargeEndsRefunded) {
    provider_.lost_answers = 1;
    ASSERT_TRUE(process_.handle(std::array{order_event(kOrder, 1, created())}));
    ASSERT_TRUE(process_.handle(std::array{order_event(kOrder, 2, cancelled())}));
    store_.pass(FakePaymentStore::kRetryPause);
    (void)process_.sweep();
    EXPECT_EQ(store_.payments[kOrder]->state, State::Refunded);
    ASSERT_EQ(store_.emitted.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentRefunded>(store_.emitted[0].payload));
}

TEST_F(ProcessPaymentsTest, ABrokenStoreIsReportedAndNothingIsCharged) {
    store_.broken = true;
    EXPECT_FALSE(process_.handle(std::array{order_event(kOrder, 1, created())}));
    EXPECT_TRUE(provider_.moved.empty());
}

}  // namespace
}  // namespace platform::payment
