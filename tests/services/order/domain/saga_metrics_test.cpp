#include "services/order/domain/saga_metrics.hpp"

#include "tests/services/order/orders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace platform::order {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SagaMetricsTest : public testing::Test {
protected:
    testing::AssertionResult has(const std::string& series, const std::string& value) {
        const auto text = registry_.scrape();
        if (text.find("\n" + series + " " + value + "\n") != std::string::npos)
            return testing::AssertionSuccess();
        return testing::AssertionFailure() << "no " << series << " " << value << " in\n" << text;
    }
    metrics::Registry registry_{"o"};
    SagaMetrics metrics_{registry_};
};

TEST_F(SagaMetricsTest, EverySeriesIsThereBeforeAnythingHappened) {
    EXPECT_TRUE(has(R"(saga_duration_seconds_count{application="o",outcome="completed"})", "0"));
    EXPECT_TRUE(has(R"(saga_duration_seconds_count{application="o",outcome="cancelled"})", "0"));
    for (const char* reason :
         {"PAYMENT_DECLINED",
          "INVALID_AMOUNT",
          "OUT_OF_STOCK",
          "UNKNOWN_PRODUCT",
          "CUSTOMER_CANCELLED",
          "DEADLINE_EXCEEDED",
          "ORDER_CANCELLED"}) {
        EXPECT_TRUE(
            has(R"(saga_compensations_total{application="o",reason=")" + std::string(reason) + R"("})", "0")
        );
    }
    for (const char* state :
         {"CREATED", "PAYMENT_COMPLETED", "INVENTORY_RESERVED", "COMPENSATING", "NEEDS_ATTENTION"}) {
        EXPECT_TRUE(has(R"(orders{application="o",state=")" + std::string(state) + R"("})", "0"));
    }
}

TEST_F(SagaMetricsTest, AnEndIsCountedOnceWithItsDurationAndReason) {
    metrics_.ended({.took = 250ms, .why = std::nullopt});
    metrics_.ended({.took = 2s, .why = events::FailureCode::OutOfStock});
    metrics_.ended({.took = -5s, .why = events::FailureCode::OutOfStock});  // a clock that was set back
    EXPECT_TRUE(has(R"(saga_duration_seconds_sum{application="o",outcome="completed"})", "0.25"));
    EXPECT_TRUE(has(R"(saga_duration_seconds_sum{application="o",outcome="cancelled"})", "2"));
    EXPECT_TRUE(has(R"(saga_duration_seconds_count{application="o",outcome="cancelled"})", "2"));
    EXPECT_TRUE(has(R"(saga_compensations_total{application="o",reason="OUT_OF_STOCK"})", "2"));
    EXPECT_TRUE(has(R"(saga_compensations_total{application="o",reason="PAYMENT_DECLINED"})", "0"));
}

TEST_F(SagaMetricsTest, OpenOrdersAreToldByStateAndForgottenWhenTheyEnd) {
    metrics_.open(
        {{SagaState::Created, {.count = 3, .oldest = 90s}},
         {SagaState::NeedsAttention, {.count = 1, .oldest = 2h}}}
    );
    EXPECT_TRUE(has(R"(orders{application="o",state="CREATED"})", "3"));
    EXPECT_TRUE(has(R"(orders_oldest_age_seconds{application="o",state="CREATED"})", "90"));
    EXPECT_TRUE(has(R"(orders_oldest_age_seconds{application="o",state="NEEDS_ATTENTION"})", "7200"));
    EXPECT_TRUE(has(R"(orders_open{application="o"})", "4"));
    EXPECT_TRUE(has(R"(orders_needs_attention{application="o"})", "1"));
    metrics_.open({});
    EXPECT_TRUE(has(R"(orders_oldest_age_seconds{application="o",state="CREATED"})", "0"));
    EXPECT_TRUE(has(R"(orders_open{application="o"})", "0"));
    EXPECT_TRUE(has(R"(orders_needs_attention{application="o"})", "0"));
}

TEST(EndOfOrder, IsThereOnlyForOrdersThatEnded) {
    int ids = 0;
    const auto stamp = [&ids](WallTime now) {
        return Stamp{.next_id = [&ids] { return Uuid::of_name("id " + std::to_string(++ids)); }, .now = now};
    };
    Order paid_order = new_order(1);
    (void)on_event(paid_order, leg_event(paid_order.id, 1, paid()), stamp(WallTime{1s}));
    EXPECT_FALSE(end_of(paid_order));
    (void)on_event(paid_order, leg_event(paid_order.id, 2, reserved()), stamp(WallTime{3s}));
    ASSERT_TRUE(end_of(paid_order));
    EXPECT_EQ(end_of(paid_order)->took, Duration(3s));
    EXPECT_FALSE(end_of(paid_order)->why);

    Order undone = new_order(2);
    (void)on_event(undone, leg_event(undone.id, 3, out_of_stock()), stamp(WallTime{1s}));
    EXPECT_FALSE(end_of(undone)) << "the payment has yet to answer";
    (void)on_event(undone, leg_event(undone.id, 4, voided()), stamp(WallTime{2s}));
    ASSERT_TRUE(end_of(undone));
    EXPECT_EQ(end_of(undone)->why, events::FailureCode::OutOfStock);
}

}  // namespace
}  // namespace platform::order
