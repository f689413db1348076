#include "services/notification/adapters/notification_api.hpp"

#include "services/notification/adapters/mysql_message_store.hpp"
#include "services/notification/app.hpp"
#include "services/notification/migrations/migrations.hpp"
#include "tests/services/notification/messages.hpp"
#include "tests/services/running_service.hpp"
#include "tests/services/service_database.hpp"

#include <array>

namespace platform::notification {
namespace {

class NotificationApiTest : public testing::Test {
protected:
    test::ServiceDatabase database_{migrations()};
    MysqlMessageStore store_{{}, database_.pool, database_.relay};
    test::RunningService service_{program(), database_.options};
};

TEST_F(NotificationApiTest, ShowsWhatTheCustomerWasToldOldestFirst) {
    const auto first = message_for("a");
    auto second = first;
    second.kind = "payment-completed";
    second.subject = "Payment für “語”";
    ASSERT_TRUE(store_.add(std::array{first}, std::chrono::hours(1), {}));
    ASSERT_TRUE(store_.add(std::array{second}, std::chrono::hours(1), {}));
    ASSERT_TRUE(store_.settle({.sent = {first}, .given_up = {}, .postponed = {}, .told = {}}));
    const auto answer = service_.get("/api/notifications?orderId=" + first.order_id.text());
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.headers.at("content-type").starts_with("application/json"));
    const auto parsed = json::parse(answer.body);
    const auto& items = parsed->find("items")->items();
    ASSERT_EQ(items.size(), 2U) << answer.body;
    EXPECT_EQ(items[0].find("kind")->text(), "order-completed");
    EXPECT_EQ(items[0].find("state")->text(), "SENT");
    EXPECT_EQ(items[0].find("attempts")->text(), "1");
    EXPECT_EQ(items[0].find("channel")->text(), "email");
    EXPECT_EQ(items[1].find("state")->text(), "PENDING");
    EXPECT_EQ(items[1].find("subject")->text(), second.subject);
    EXPECT_EQ(items[1].find("messageId")->text(), second.message_id);
    EXPECT_EQ(answer.body.find(first.body), std::string::npos) << "bodies and recipients stay inside";
    EXPECT_EQ(answer.body.find(first.recipient), std::string::npos);
}

TEST_F(NotificationApiTest, AnOrderOfWhichNothingWasToldHasAnEmptyList) {
    const auto answer = service_.get("/api/notifications?orderId=" + order_named("b").text());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"items":[]})");
}

TEST_F(NotificationApiTest, SaysWhatIsWrongWithARequest) {
    for (const auto* target :
         {"/api/notifications", "/api/notifications?orderId=", "/api/notifications?orderId=x"}) {
        const auto answer = service_.get(target);
        EXPECT_EQ(answer.status, 400) << target;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json") << target;
        EXPECT_EQ(test::member(answer.body, "code"), "invalid-parameter") << target;
    }
}

}  // namespace
}  // namespace platform::notification
