#include "services/payment/app.hpp"

#include "tests/services/kafka_topics.hpp"
#include "tests/services/order_records.hpp"
#include "tests/services/payment/order_events.hpp"
#include "tests/services/payment/sandbox.hpp"
#include "tests/services/running_service.hpp"

namespace platform::payment {
namespace {

/// The whole service between a real MySQL and a real Kafka.
TEST(PaymentApp, AnswersOrdersOnceAndGoesOnAfterBadRecords) {
    test::KafkaTopics topics;
    const auto database = test::MysqlServer::instance().fresh_database();
    const OrderId good{Uuid::of_name("good")};
    const OrderId dear{Uuid::of_name("dear")};
    topics.send(topics.order, order_event(good, 1, created()));
    topics.send(topics.order, "key", "not an event");
    topics.send(topics.order, order_event(good, 1, created()));
    topics.send(topics.order, good.text(), test::unknown_event("2"));
    topics.send(topics.order, order_event(dear, 3, created(99'999'900)));

    test::RunningService service{program(), database, topics.settings()};
    const auto answers = topics.wait_for(topics.payment, 2);
    EXPECT_EQ(test::types_of(answers), (std::vector<std::string>{"PAYMENT_COMPLETED", "PAYMENT_FAILED"}));
    const auto dead = topics.wait_for(topics.order + ".DLT", 1);
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].value, "not an event");

    const auto shown = service.get("/api/payments?orderId=" + good.text());
    EXPECT_EQ(test::member(shown.body, "state"), "COMPLETED");
    EXPECT_EQ(test::member(shown.body, "amount"), "199.99");
    EXPECT_EQ(test::member(service.get("/api/payments?orderId=" + dear.text()).body, "state"), "FAILED");
    EXPECT_EQ(service.get("/actuator/health/readiness").status, 200);
}

TEST(PaymentApp, PaysThroughAProviderBehindHttp) {
    test::KafkaTopics topics;
    Sandbox sandbox;
    auto settings = topics.settings();
    settings["PROVIDER"] = "http";
    settings["PROVIDER_URL"] = sandbox.url();
    settings["PROVIDER_TOKEN"] = Sandbox::kToken;
    test::RunningService service{program(), test::MysqlServer::instance().fresh_database(), settings};
    const OrderId order{Uuid::of_name("paid over http")};
    topics.send(topics.order, order_event(order, 1, created()));
    EXPECT_EQ(test::types_of(topics.wait_for(topics.payment, 1)), std::vector<std::string>{"PAYMENT_COMPLETED"});
    topics.send(topics.order, order_event(order, 2, cancelled()));
    EXPECT_EQ(test::types_of(topics.wait_for(topics.payment, 2)).back(), "PAYMENT_REFUNDED");
    EXPECT_EQ(sandbox.sum("captured"), sandbox.sum("refunded"));
    EXPECT_EQ(sandbox.sum("charges"), 1);
    const auto shown = service.get("/api/payments?orderId=" + order.text());
    EXPECT_TRUE(test::member(shown.body, "transactionId").starts_with("ch_")) << shown.body;
    const auto metrics = service.get("/actuator/prometheus").body;
    EXPECT_NE(metrics.find(R"(name="payment-provider",state="closed"} 1)"), std::string::npos);
    EXPECT_NE(metrics.find(R"(operation="charge",outcome="accepted"} 1)"), std::string::npos);
}

TEST(PaymentApp, TheSweeperFinishesWhatAnotherProcessBegan) {
    test::KafkaTopics topics;
    const auto database = test::MysqlServer::instance().fresh_database();
    auto settings = topics.settings();
    settings["PAYMENT_RETRY_PAUSE"] = "100ms";
    {
        const test::RunningService migrates{program(), database, settings};
    }
    auto session = mysql::Session::connect(database).value();
    const OrderId order{Uuid::of_name("left open")};
    ASSERT_TRUE(session->execute(mysql::Sql(
        "INSERT INTO payments (order_id, payment_id, state, amount, price, currency, product_id, quantity, "
        "user_id, correlation_id, transaction_id, refund_id, "
        "failure_reason, attempts, next_attempt_at) VALUES (?, ?, 'PENDING', 1, 1, 'EUR', 'P-1', 1, '', "
        "'c-1', '', '', '', 0, NOW(6))",
        order,
        Uuid::of_name("payment")
    )));
    const test::RunningService service{program(), database, settings};
    EXPECT_EQ(
        test::types_of(topics.wait_for(topics.payment, 1)), std::vector<std::string>{"PAYMENT_COMPLETED"}
    );
}

}  // namespace
}  // namespace platform::payment
