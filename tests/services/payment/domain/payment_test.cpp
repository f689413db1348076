#include "services/payment/domain/payment.hpp"

#include "tests/services/payment/order_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace platform::payment {
namespace {

const OrderId kOrder{Uuid::of_name("order")};

class PaymentTest : public testing::Test {
protected:
    std::vector<events::Event> receive(int number, events::Payload payload) {
        return on_order_event(order_event(kOrder, number, std::move(payload)), payment_, stamp_);
    }
    int made_ = 0;
    Stamp stamp_{.next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); }, .now = WallTime{}};
    std::optional<Payment> payment_;
};

TEST_F(PaymentTest, AChargeIsCompletedAndTellsOfIt) {
    EXPECT_TRUE(receive(1, created()).empty());
    ASSERT_TRUE(payment_);
    EXPECT_EQ(payment_->state, State::Pending);
    const auto answers = on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_);
    ASSERT_EQ(answers.size(), 1U);
    const auto* completed = std::get_if<events::PaymentCompleted>(&answers[0].payload);
    ASSERT_NE(completed, nullptr);
    EXPECT_EQ(completed->transaction_id, "t-1");
    EXPECT_EQ(completed->amount.text(), "199.99");
    EXPECT_EQ(answers[0].metadata.correlation_id, "correlation-1");
    EXPECT_EQ(payment_->state, State::Completed);
}

TEST_F(PaymentTest, ARefusedChargeFailsWithTheReason) {
    (void)receive(1, created());
    const auto answers = on_charged(*payment_, {.accepted = false, .reference = "", .reason = "no money"}, stamp_);
    ASSERT_EQ(answers.size(), 1U);
    const auto* failed = std::get_if<events::PaymentFailed>(&answers[0].payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->code, events::FailureCode::PaymentDeclined);
    EXPECT_EQ(failed->reason, "no money");
}

TEST_F(PaymentTest, ALongReasonOfAProviderIsCutBetweenTwoCharacters) {
    (void)receive(1, created());
    std::string reason;
    for (int i = 0; i < 300; ++i) reason += "語";
    (void)on_charged(*payment_, {.accepted = false, .reference = "", .reason = reason}, stamp_);
    EXPECT_EQ(payment_->failure_reason, reason.substr(0, 255 * 3)) << "as many characters as our records keep";
    payment_.reset();
    (void)receive(2, created());
    (void)on_charged(*payment_, {.accepted = false, .reference = "", .reason = reason.substr(0, 255 * 3)}, stamp_);
    EXPECT_EQ(payment_->failure_reason.size(), 255U * 3) << "whole";
}

TEST_F(PaymentTest, ACancelBeforeTheCreateVoidsAndRefusesTheLateCreate) {
    auto answers = receive(1, cancelled());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentVoided>(answers[0].payload));
    answers = receive(2, created());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentVoided>(answers[0].payload));
    EXPECT_EQ(payment_->state, State::Voided);
}

TEST_F(PaymentTest, ACancelDuringTheChargeRefundsWhenTheChargeSucceeds) {
    (void)receive(1, created());
    EXPECT_TRUE(receive(2, cancelled()).empty());
    EXPECT_TRUE(on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_).empty());
    EXPECT_EQ(payment_->state, State::Refunding);
    const auto answers = on_refunded(*payment_, {.accepted = true, .reference = "r-1", .reason = ""}, 1, stamp_);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentRefunded>(answers[0].payload));
}

TEST_F(PaymentTest, AVoidedChargeIsToldAndNeverMadeGood) {
    (void)receive(1, created());
    (void)receive(2, cancelled());
    const auto answers = on_charged(*payment_, {.accepted = false, .reference = "", .reason = "", .voided = true}, stamp_);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentVoided>(answers[0].payload));
    EXPECT_EQ(payment_->state, State::Voided);
    EXPECT_TRUE(on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_).empty()) << "a late answer";
    EXPECT_EQ(payment_->state, State::Voided);
}

TEST_F(PaymentTest, AChargeThatWasVoidedByOthersIsAFailedOne) {
    (void)receive(1, created());
    const Outcome voided{.accepted = false, .reference = "", .reason = "voided by hand", .voided = true};
    const auto answers = on_charged(*payment_, voided, stamp_);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentFailed>(answers[0].payload));
}

TEST_F(PaymentTest, ARefundThatKeepsFailingIsToldOnceAndCanSucceedLater) {
    constexpr int kTries = 3;
    const Outcome refused{.accepted = false, .reference = "", .reason = "bank says no"};
    (void)receive(1, created());
    (void)on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_);
    (void)receive(2, cancelled());
    EXPECT_TRUE(on_refunded(*payment_, refused, kTries, stamp_).empty());
    payment_->attempts = 1;  // as the store counts
    EXPECT_TRUE(on_refund_unanswered(*payment_, kTries, stamp_).empty());
    EXPECT_EQ(payment_->state, State::Refunding);
    payment_->attempts = 2;
    const auto told = on_refunded(*payment_, refused, kTries, stamp_);
    ASSERT_EQ(told.size(), 1U);
    const auto* failed = std::get_if<events::PaymentRefundFailed>(&told[0].payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->reason, "bank says no");
    payment_->attempts = 3;
    EXPECT_TRUE(on_refunded(*payment_, refused, kTries, stamp_).empty()) << "told once";
    EXPECT_TRUE(on_refund_unanswered(*payment_, kTries, stamp_).empty()) << "told once";

    const auto asked = receive(3, cancelled());
    ASSERT_EQ(asked.size(), 1U) << "whoever asks is told again";
    EXPECT_TRUE(std::holds_alternative<events::PaymentRefundFailed>(asked[0].payload));
    const auto closed = on_refunded(*payment_, {.accepted = true, .reference = "r-1", .reason = ""}, kTries, stamp_);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentRefunded>(closed[0].payload));
    EXPECT_TRUE(payment_->failure_reason.empty());
}

TEST_F(PaymentTest, ARefundWithoutAnAnswerSaysSo) {
    (void)receive(1, created());
    (void)on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_);
    EXPECT_TRUE(on_refund_unanswered(*payment_, 1, stamp_).empty()) << "no refund was asked for";
    (void)receive(2, cancelled());
    const auto told = on_refund_unanswered(*payment_, 1, stamp_);
    ASSERT_EQ(told.size(), 1U);
    const auto* failed = std::get_if<events::PaymentRefundFailed>(&told[0].payload);
    ASSERT_NE(failed, nullptr);
    EXPECT_FALSE(failed->reason.empty());
}

TEST_F(PaymentTest, ASecondOutcomeHasNoEffect) {
    (void)receive(1, created());
    (void)on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_);
    EXPECT_TRUE(on_charged(*payment_, {.accepted = false, .reference = "", .reason = "late"}, stamp_).empty());
    EXPECT_EQ(payment_->state, State::Completed);
    EXPECT_EQ(payment_->transaction_id, "t-1");
}

TEST_F(PaymentTest, ARepeatedQuestionIsAnsweredWithTheCurrentState) {
    (void)receive(1, created());
    EXPECT_TRUE(receive(2, created()).empty()) << "nothing is known yet";
    (void)on_charged(*payment_, {.accepted = true, .reference = "t-1", .reason = ""}, stamp_);
    const auto answers = receive(3, created());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::PaymentCompleted>(answers[0].payload));
}

TEST_F(PaymentTest, EventsOfOthersChangeNothing) {
    EXPECT_TRUE(receive(1, events::OrderCompleted{}).empty());
    EXPECT_FALSE(payment_);
}

/// Whatever the order and repetition of creates, cancels and outcomes: a cancelled order never keeps money, and money moves at most once each way.
TEST(PaymentProperty, ACancelledOrderNeverKeepsMoney) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        int made = 0;
        const Stamp stamp{.next_id = [&] { return Uuid::of_name(std::to_string(++made)); }, .now = WallTime{}};
        std::optional<Payment> payment;
        int number = 0;
        bool was_cancelled = false;
        const bool approve = random() % 4 != 0;
        for (int step = 0; step < 12; ++step) {
            switch (random() % 4) {
                case 0: (void)on_order_event(order_event(kOrder, ++number, created()), payment, stamp); break;
                case 1:
                    (void)on_order_event(order_event(kOrder, ++number, cancelled()), payment, stamp);
                    was_cancelled = true;
                    break;
                case 2:
                    if (payment) (void)on_charged(*payment, {.accepted = approve, .reference = "t", .reason = "no"}, stamp);
                    break;
                default:
                    if (payment) (void)on_refunded(*payment, {.accepted = random() % 2 == 0, .reference = "r", .reason = "no"}, 1, stamp);
                    break;
            }
        }
        for (int i = 0; payment && i < 3; ++i) {
            (void)on_charged(*payment, {.accepted = approve, .reference = "t", .reason = "no"}, stamp);
            (void)on_refunded(*payment, {.accepted = true, .reference = "r", .reason = ""}, 1, stamp);
        }
        if (!payment) continue;
        EXPECT_FALSE(open(payment->state));
        if (was_cancelled) {
            EXPECT_TRUE(
                payment->state == State::Voided || payment->state == State::Failed || payment->state == State::Refunded
            ) << to_string(payment->state);
        }
        EXPECT_EQ(payment->state == State::Refunded, !payment->refund_id.empty());
    }
}

TEST(PaymentState, EveryNameReadsBack) {
    for (int value = 0; value <= static_cast<int>(State::Voided); ++value) {
        const auto state = static_cast<State>(value);
        EXPECT_EQ(parse_state(to_string(state)), state);
    }
    EXPECT_FALSE(parse_state("NONSENSE"));
}

}  // namespace
}  // namespace platform::payment
