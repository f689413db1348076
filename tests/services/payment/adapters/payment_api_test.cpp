#include "services/payment/adapters/payment_api.hpp"

#include "services/payment/adapters/mysql_payment_store.hpp"
#include "services/payment/app.hpp"
#include "services/payment/migrations/migrations.hpp"
#include "tests/services/payment/store_contract.hpp"
#include "tests/services/running_service.hpp"

namespace platform::payment {
namespace {

class PaymentApiTest : public testing::Test {
protected:
    void put(const Payment& payment) {
        const std::array occasions{Occasion{.order_id = payment.order_id, .event_id = std::nullopt}};
        ASSERT_TRUE(store_.change(occasions, [&](std::size_t, std::optional<Payment>& stored) {
            stored = payment;
            return std::vector<events::Event>{};
        }));
    }

    test::ServiceDatabase database_{migrations()};
    MysqlPaymentStore store_{{}, database_.pool, database_.relay};
    test::RunningService service_{program(), database_.options};
};

TEST_F(PaymentApiTest, ShowsThePaymentOfAnOrder) {
    const auto order = order_named("a");
    put(full_payment(order));
    const auto answer = service_.get("/api/payments?orderId=" + order.text());
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.headers.at("content-type").starts_with("application/json"));
    const auto full = full_payment(order);
    EXPECT_EQ(test::member(answer.body, "orderId"), order.text());
    EXPECT_EQ(test::member(answer.body, "paymentId"), full.payment_id.text());
    EXPECT_EQ(test::member(answer.body, "state"), "REFUND_FAILED");
    EXPECT_EQ(test::member(answer.body, "amount"), "922337203685477.5807");
    EXPECT_EQ(test::member(answer.body, "currency"), "EUR");
    EXPECT_EQ(test::member(answer.body, "transactionId"), full.transaction_id);
    EXPECT_EQ(test::member(answer.body, "refundId"), full.refund_id);
    EXPECT_EQ(test::member(answer.body, "failureCode"), "PAYMENT_DECLINED");
    EXPECT_EQ(test::member(answer.body, "failureReason"), full.failure_reason);
    EXPECT_EQ(test::member(answer.body, "attempts"), "7");
    const auto by_itself = service_.get("/api/payments/" + full.payment_id.text());
    EXPECT_EQ(by_itself.status, 200);
    EXPECT_EQ(by_itself.body, answer.body);
}

TEST_F(PaymentApiTest, LeavesOutWhatThereIsNot) {
    const auto order = order_named("a");
    put(payment_of(order));
    const auto answer = service_.get("/api/payments?orderId=" + order.text());
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto parsed = json::parse(answer.body);
    for (const auto* absent : {"transactionId", "refundId", "failureCode", "failureReason"}) {
        EXPECT_EQ(parsed->find(absent), nullptr) << absent;
    }
}

TEST_F(PaymentApiTest, SaysWhatIsWrongWithARequest) {
    EXPECT_EQ(service_.get("/api/payments?orderId=" + order_named("b").text()).status, 404);
    EXPECT_EQ(service_.get("/api/payments/" + order_named("b").text()).status, 404);
    for (const auto* target :
         {"/api/payments",
          "/api/payments?orderId=",
          "/api/payments?orderId=17",
          "/api/payments?order=1",
          "/api/payments/17"}) {
        const auto answer = service_.get(target);
        EXPECT_EQ(answer.status, 400) << target;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json") << target;
        EXPECT_EQ(test::member(answer.body, "code"), "invalid-parameter") << target;
    }
}

TEST_F(PaymentApiTest, AFaultOfOursShowsNothingOfOurInsides) {
    database_.execute(mysql::Sql("DROP TABLE payments"));
    const auto answer = service_.get("/api/payments?orderId=" + order_named("a").text());
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find(database_.options.database), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace platform::payment
