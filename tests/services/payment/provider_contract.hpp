#pragma once
#include "services/payment/domain/provider.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

/// What every PaymentProvider does, the simulator and the one behind HTTP alike. `Driver` gives provider(), a fresh one that declines the price
/// of one piece kDeclinedPrice and accepts the rest, lose_answers(bool): what is asked happens and the answer is lost, and go_away(bool).
namespace platform::payment {

inline const Money kDeclinedPrice = Money::of_units(99'999'900);

inline ProviderRequest charge_of(const std::string& order, Money price = Money::of_units(199'900)) {
    const OrderId id{Uuid::of_name(order)};
    return {
        .key = charge_key(id), .order_id = id, .amount = price, .price = price, .currency = "EUR", .transaction_id = ""
    };
}

inline ProviderRequest refund_of(ProviderRequest charge, std::string transaction_id) {
    charge.key = refund_key(charge.order_id);
    charge.transaction_id = std::move(transaction_id);
    return charge;
}

template <class Driver>
class ProviderContract : public testing::Test {
protected:
    PaymentProvider& provider() { return driver_.provider(); }
    Outcome charged(const ProviderRequest& request) {
        auto outcome = provider().charge(request);
        EXPECT_TRUE(outcome.has_value()) << (outcome ? "" : outcome.error().what);
        return outcome.value_or(Outcome{});
    }
    Driver driver_;
};
TYPED_TEST_SUITE_P(ProviderContract);

TYPED_TEST_P(ProviderContract, AcceptsAChargeOnceForAKey) {
    const auto first = this->charged(charge_of("a"));
    EXPECT_TRUE(first.accepted);
    EXPECT_FALSE(first.voided);
    EXPECT_FALSE(first.reference.empty());
    EXPECT_LE(first.reference.size(), 128U);
    EXPECT_EQ(this->charged(charge_of("a")).reference, first.reference);
    EXPECT_NE(this->charged(charge_of("b")).reference, first.reference);
}

TYPED_TEST_P(ProviderContract, DeclinesWithAReasonAndStaysWithIt) {
    for (int tries = 0; tries < 2; ++tries) {
        const auto declined = this->charged(charge_of("a", kDeclinedPrice));
        EXPECT_FALSE(declined.accepted);
        EXPECT_FALSE(declined.voided);
        EXPECT_FALSE(declined.reason.empty());
    }
    EXPECT_TRUE(this->charged(charge_of("b", Money::of_units(kDeclinedPrice.units() + 1))).accepted);
}

TYPED_TEST_P(ProviderContract, PaysBackOnceForAKey) {
    const auto charge = charge_of("a");
    const auto refund = refund_of(charge, this->charged(charge).reference);
    const auto first = this->provider().refund(refund);
    ASSERT_TRUE(first.has_value()) << first.error().what;
    EXPECT_TRUE(first->accepted) << first->reason;
    EXPECT_FALSE(first->reference.empty());
    EXPECT_EQ(this->provider().refund(refund)->reference, first->reference);
}

TYPED_TEST_P(ProviderContract, AnOutcomeThatWasLostIsThereUnderTheSameKey) {
    this->driver_.lose_answers(true);
    const auto lost = this->provider().charge(charge_of("a"));
    ASSERT_FALSE(lost.has_value());
    EXPECT_TRUE(retryable(lost.error().kind)) << lost.error().what;
    this->driver_.lose_answers(false);
    const auto found = this->provider().find(charge_of("a"));
    ASSERT_TRUE(found.has_value()) << found.error().what;
    const auto again = this->charged(charge_of("a"));
    EXPECT_TRUE(again.accepted);
    EXPECT_EQ(*found ? (*found)->reference : again.reference, again.reference);
}

TYPED_TEST_P(ProviderContract, KnowsNothingOfAKeyNobodyUsed) {
    const auto found = this->provider().find(charge_of("nobody"));
    ASSERT_TRUE(found.has_value()) << found.error().what;
    EXPECT_FALSE(found->has_value());
}

TYPED_TEST_P(ProviderContract, AwayMeansUnknownNotDeclined) {
    this->driver_.go_away(true);
    for (const auto& failed : {this->provider().charge(charge_of("a")), this->provider().refund(charge_of("a"))}) {
        ASSERT_FALSE(failed.has_value());
        EXPECT_TRUE(retryable(failed.error().kind)) << failed.error().what;
    }
    this->driver_.go_away(false);
    EXPECT_TRUE(this->charged(charge_of("a")).accepted);
}

TYPED_TEST_P(ProviderContract, AVoidSaysWhatIsTrueFromThenOn) {
    for (const auto* order : {"charged before", "never charged"}) {
        SCOPED_TRACE(order);
        const auto charge = charge_of(order);
        const bool charged_before = std::string(order) == "charged before";
        EXPECT_EQ(charged_before && this->charged(charge).accepted, charged_before);
        const auto answer = this->provider().void_charge(charge);
        ASSERT_TRUE(answer.has_value()) << answer.error().what;
        EXPECT_NE(answer->accepted, answer->voided);
        EXPECT_TRUE(answer->accepted || !charged_before);
        for (const auto& later : {this->provider().void_charge(charge), this->provider().charge(charge)}) {
            ASSERT_TRUE(later.has_value()) << later.error().what;
            EXPECT_EQ(later->accepted, answer->accepted);
            EXPECT_EQ(later->voided, answer->voided);
            EXPECT_EQ(later->reference, answer->reference);
        }
    }
    const auto declined = charge_of("declined", kDeclinedPrice);
    EXPECT_FALSE(this->charged(declined).accepted);
    EXPECT_FALSE(this->provider().void_charge(declined)->accepted);
}

REGISTER_TYPED_TEST_SUITE_P(
    ProviderContract,
    AcceptsAChargeOnceForAKey,
    DeclinesWithAReasonAndStaysWithIt,
    PaysBackOnceForAKey,
    AnOutcomeThatWasLostIsThereUnderTheSameKey,
    KnowsNothingOfAKeyNobodyUsed,
    AwayMeansUnknownNotDeclined,
    AVoidSaysWhatIsTrueFromThenOn
);

}  // namespace platform::payment
