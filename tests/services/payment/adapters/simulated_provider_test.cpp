#include "services/payment/adapters/simulated_provider.hpp"

#include <gtest/gtest.h>

namespace platform::payment {
namespace {

ProviderRequest request_for(const std::string& key, Money price) {
    return {
        .key = key,
        .order_id = OrderId{Uuid::of_name("order")},
        .amount = price,
        .price = price,
        .currency = "EUR",
        .transaction_id = ""
    };
}

TEST(SimulatedProvider, DeclinesOnePriceWithAReason) {
    SimulatedProvider provider{{.declined_price = Money::of_units(99'999'900)}};
    const auto declined = provider.charge(request_for("k", Money::of_units(99'999'900)));
    EXPECT_FALSE(declined->accepted);
    EXPECT_FALSE(declined->reason.empty());
    EXPECT_TRUE(provider.charge(request_for("k", Money::of_units(99'999'901)))->accepted);
    EXPECT_TRUE(provider.refund(request_for("k", Money::of_units(99'999'900)))->accepted)
        << "refunds are never declined";
}

TEST(SimulatedProvider, WithoutADeclinedPriceEverythingIsAccepted) {
    SimulatedProvider provider{{.declined_price = std::nullopt}};
    EXPECT_TRUE(provider.charge(request_for("k", Money{}))->accepted);
}

TEST(SimulatedProvider, TheSameKeyGetsTheSameReferenceAndAnotherKeyAnother) {
    SimulatedProvider provider{{}};
    const auto first = provider.charge(request_for("k", Money::of_units(1)))->reference;
    EXPECT_EQ(provider.charge(request_for("k", Money::of_units(1)))->reference, first);
    EXPECT_NE(provider.charge(request_for("l", Money::of_units(1)))->reference, first);
    EXPECT_NE(provider.refund(request_for("l", Money::of_units(1)))->reference, first);
}

}  // namespace
}  // namespace platform::payment
