#include "tests/services/order/order_platform.hpp"
#include "tests/services/order/prices.hpp"

#include <gtest/gtest.h>

#include <string>

// The running service with PRICING_MODE=verify: what inventory tells of the catalogue decides which orders are taken.

namespace platform::order {
namespace {

class PricingTest : public OrderServiceTest {
protected:
    void tell(const CataloguePrice& price) {
        platform_.send("inventory", price.product_id, events::encode(adjusted(price, ++told_)));
    }
    http::ClientResponse order(const std::string& price, std::vector<std::pair<std::string, std::string>> headers = {}) {
        const std::string body = R"({"productId":"P-1001","quantity":1,"price":)" + price + "}";
        return service_->send(post(body, std::move(headers)));
    }
    bool taken_at(const std::string& price) {
        return test::wait_until([&] { return order(price).status == 202; });
    }
    /// The first look at the database may still be going on; until then orders get 503.
    bool refused_at(const std::string& price) {
        return test::wait_until([&] { return order(price).status == 422; });
    }
    std::int64_t orders() { return platform_.number("SELECT COUNT(*) FROM orders"); }

    int told_ = 0;
};

TEST_F(PricingTest, AnOrderHasTheCataloguesPriceOrIsRefused) {
    start({{"PRICING_MODE", "verify"}, {"PRICING_REFRESH", "50ms"}});
    ASSERT_TRUE(refused_at("199.99")) << "nothing is known of the product";
    tell(catalogue_price("P-1001", 1, 1'999'900));
    ASSERT_TRUE(taken_at("199.99"));

    const auto before = orders();
    const auto cheap = order("0.01", {{"X-Correlation-Id", "c-5"}});
    EXPECT_EQ(cheap.status, 422);
    EXPECT_EQ(cheap.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(member(cheap, "code"), "price-mismatch");
    EXPECT_EQ(member(cheap, "correlationId"), "c-5");
    EXPECT_NE(cheap.body.find("P-1001 costs 199.99 EUR"), std::string::npos) << cheap.body;
    EXPECT_EQ(orders(), before);

    tell(catalogue_price("P-1001", 2, 2'499'900));
    ASSERT_TRUE(taken_at("249.99"));
    EXPECT_EQ(order("199.99").status, 422);
}

TEST_F(PricingTest, ARepeatedRequestGetsItsAnswerWhateverThePriceIsByNow) {
    start({{"PRICING_MODE", "verify"}, {"PRICING_REFRESH", "50ms"}});
    tell(catalogue_price("P-1001", 1, 1'999'900));
    ASSERT_TRUE(taken_at("199.99"));
    const auto first = order("199.99", {{"Idempotency-Key", "k-1"}});
    ASSERT_EQ(first.status, 202);
    tell(catalogue_price("P-1001", 2, 2'499'900));
    ASSERT_TRUE(taken_at("249.99"));

    const auto again = order("199.99", {{"Idempotency-Key", "k-1"}});
    EXPECT_EQ(again.status, 202) << again.body;
    EXPECT_EQ(member(again, "orderId"), member(first, "orderId"));
    const auto other = order("0.01", {{"Idempotency-Key", "k-1"}});
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(member(other, "code"), "idempotency-key-reused");
}

TEST_F(PricingTest, WithoutItTheClientsPriceHoldsAndTheCataloguesAreKeptAllTheSame) {
    start();
    tell(catalogue_price("P-1001", 1, 1'999'900));
    ASSERT_TRUE(test::wait_until([&] { return platform_.number("SELECT COUNT(*) FROM catalogue_prices") == 1; }));
    EXPECT_EQ(order("0.01").status, 202);
    service_.reset();
    start({{"PRICING_MODE", "verify"}});
    ASSERT_TRUE(refused_at("0.01"));
    EXPECT_EQ(order("199.99").status, 202) << "known from before the start";
}

}  // namespace
}  // namespace platform::order
