#include "services/inventory/adapters/order_events_handler.hpp"

#include "services/inventory/adapters/mysql_inventory_store.hpp"
#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/inventory/order_events.hpp"
#include "tests/services/order_records.hpp"

namespace platform::inventory {
namespace {

class InventoryOrderEventsHandlerTest : public testing::Test {
protected:
    InventoryOrderEventsHandlerTest() {
        const std::vector items{Item{.product_id = "P-1001", .available = 10, .reserved = 0}};
        EXPECT_TRUE(store_.seed(items));
    }
    [[nodiscard]] std::int64_t available() { return store_.find("P-1001").value()->available; }

    test::ServiceDatabase database_{migrations()};
    UuidGenerator ids_{database_.clock};
    MysqlInventoryStore store_{{}, database_.pool, database_.relay};
    service::DeadLetters dead_letters_{"inventory-service", ".DLT", database_.pool, database_.relay, ids_};
    OrderEventsHandler handler_{store_, dead_letters_, database_.clock, ids_};
    const OrderId a_ = order_named("a");
};

TEST_F(InventoryOrderEventsHandlerTest, OrdersTakeStockAndCancelledOnesGiveItBack) {
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(order_event(a_, 1, created(4)))}));
    EXPECT_EQ(available(), 6);
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(order_event(a_, 2, events::OrderCancelled{}))}));
    EXPECT_EQ(available(), 10);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM inbox"), 2);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 2);
}

TEST_F(InventoryOrderEventsHandlerTest, ABadRecordStopsItsBatchAndIsDeadLettered) {
    const std::vector batch{test::record_of(order_event(a_, 1, created(4))), test::record_of("")};
    EXPECT_EQ(handler_.apply(batch).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(available(), 10) << "all or nothing";
    test::expect_dead_letter(handler_, database_, "inventory-service");
}

TEST_F(InventoryOrderEventsHandlerTest, WhatDoesNotConcernStockIsSkipped) {
    const std::vector batch{
        test::record_of(test::unknown_event("1")),
        test::record_of(order_event(a_, 2, events::PaymentVoided{}))
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(available(), 10);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM reservations"), 0);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM inbox"), 0) << "it costs no row either";
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 0);
}

TEST_F(InventoryOrderEventsHandlerTest, EverythingThatAnOrderMaySayFitsTheTable) {
    auto event = order_event(a_, 1, created(2'147'483'647, std::string(64, 'x')));
    event.metadata.correlation_id = std::string(128, 'c');
    ASSERT_TRUE(handler_.apply(std::vector{test::record_of(event)}));
    const std::vector items{
        Item{.product_id = std::string(64, 'y'), .available = 9'000'000'000, .reserved = 0}
    };
    ASSERT_TRUE(store_.seed(items));
    ASSERT_TRUE(handler_.apply(std::vector{
        test::record_of(order_event(order_named("b"), 2, created(2'147'483'647, items[0].product_id)))
    }));
    EXPECT_EQ(store_.find(items[0].product_id).value()->reserved, 2'147'483'647);
}

}  // namespace
}  // namespace platform::inventory
