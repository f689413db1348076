#include "services/inventory/app.hpp"

#include "tests/services/inventory/order_events.hpp"
#include "tests/services/kafka_topics.hpp"
#include "tests/services/order_records.hpp"
#include "tests/services/running_service.hpp"

namespace platform::inventory {
namespace {

/// The whole service between a real MySQL and a real Kafka, with the product that its setting adds.
TEST(InventoryApp, AnswersOrdersOnceAndGoesOnAfterBadRecords) {
    test::KafkaTopics topics;
    auto settings = topics.settings();
    settings["INVENTORY_SEED"] = "P-1001:3";
    const auto taken = order_named("taken");
    topics.send(topics.order, order_event(taken, 1, created(2)));
    topics.send(topics.order, "key", "{}");
    topics.send(topics.order, order_event(taken, 1, created(2)));
    topics.send(topics.order, taken.text(), test::unknown_event("2"));
    topics.send(topics.order, order_event(order_named("too many"), 3, created(2)));
    topics.send(topics.order, order_event(order_named("unknown"), 4, created(1, "P-9")));
    topics.send(topics.order, order_event(order_named("last"), 5, created(1)));

    test::RunningService service{program(), test::MysqlServer::instance().fresh_database(), settings};
    const auto answers = topics.wait_for(topics.inventory, 4);
    EXPECT_EQ(
        test::types_of(answers),
        (std::vector<std::string>{
            "INVENTORY_RESERVED",
            "INVENTORY_RESERVATION_FAILED",
            "INVENTORY_RESERVATION_FAILED",
            "INVENTORY_RESERVED"
        })
    );
    EXPECT_EQ(topics.wait_for(topics.order + ".DLT", 1).at(0).value, "{}");
    const auto shown = service.get("/api/inventory/P-1001");
    EXPECT_EQ(test::member(shown.body, "available"), "0");
    EXPECT_EQ(test::member(shown.body, "reserved"), "3");
}

TEST(InventoryApp, ASecondStartDoesNotSeedAgain) {
    const auto database = test::MysqlServer::instance().fresh_database();
    {
        test::RunningService first{program(), database, {{"INVENTORY_SEED", "P-1001:3"}}};
        EXPECT_EQ(test::member(first.get("/api/inventory/P-1001").body, "available"), "3");
    }
    test::RunningService second{program(), database, {{"INVENTORY_SEED", "P-1001:8, P-1002:1"}}};
    EXPECT_EQ(test::member(second.get("/api/inventory/P-1001").body, "available"), "3");
    EXPECT_EQ(test::member(second.get("/api/inventory/P-1002").body, "available"), "1");
}

}  // namespace
}  // namespace platform::inventory
