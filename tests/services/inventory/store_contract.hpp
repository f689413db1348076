#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "tests/services/inventory/order_events.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

/// What every InventoryStore does, the fake one and the real one alike. `Driver` gives store(), told() for
/// the values of the events that it has to tell, ledger_sum(product) and movements() for the ledger,
/// empty_inbox(), and refuse_events(bool): batches with something to tell then fail at their last step.
namespace platform::inventory {

template <class Driver>
class InventoryStoreContract : public testing::Test {
protected:
    InventoryStoreContract() {
        const std::array items{
            Item{.product_id = "P-1001", .available = 10, .reserved = 0},
            Item{.product_id = "P-1002", .available = 5, .reserved = 0}
        };
        EXPECT_TRUE(store().seed(items));
    }
    InventoryStore& store() { return driver_.store(); }

    /// Applies events as the service does.
    Result<void> receive(const std::vector<events::Event>& batch) {
        const Stamp stamp{
            .next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); }, .now = WallTime{}
        };
        return store().apply(
            batch,
            [&](const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks) {
                return on_order_event(event, reservation, stocks, stamp);
            }
        );
    }
    /// What is stored for an order.
    std::optional<Reservation> reservation_of(const OrderId& order) {
        std::optional<Reservation> seen;
        const std::array batch{order_event(order, ++looks_, events::OrderCompleted{})};
        EXPECT_TRUE(store().apply(
            batch,
            [&](const events::Event&, std::optional<Reservation>& reservation, Stocks&) {
                seen = reservation;
                return Effects{};
            }
        ));
        return seen;
    }
    Item item(const std::string& product = "P-1001") {
        return store().find(product).value().value_or(Item{});
    }
    void expect_stock(const std::string& product, std::int64_t available, std::int64_t reserved) {
        EXPECT_EQ(item(product).available, available) << product;
        EXPECT_EQ(item(product).reserved, reserved) << product;
        EXPECT_EQ(driver_.ledger_sum(product), available)
            << product << ": the ledger tells how the stock came about";
    }

    Driver driver_;
    int made_ = 0;
    int looks_ = 1'000'000;
    const OrderId a_ = order_named("a");
    const OrderId b_ = order_named("b");
};
TYPED_TEST_SUITE_P(InventoryStoreContract);

TYPED_TEST_P(InventoryStoreContract, SeedAddsWhatIsMissingAndLeavesTheRest) {
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(3))}));
    const std::array items{
        Item{.product_id = "P-1001", .available = 99, .reserved = 0},
        Item{.product_id = "new", .available = 0, .reserved = 0}
    };
    ASSERT_TRUE(this->store().seed(items));
    ASSERT_TRUE(this->store().seed(items));
    this->expect_stock("P-1001", 7, 3);
    this->expect_stock("new", 0, 0);
}

TYPED_TEST_P(InventoryStoreContract, ProductsAreListedInOrderPageByPage) {
    const std::array items{
        Item{.product_id = "P-0", .available = 1, .reserved = 0},
        Item{.product_id = "p-0", .available = 2, .reserved = 0}
    };
    ASSERT_TRUE(this->store().seed(items));
    const auto ids = [&](const std::string& after, std::size_t limit) {
        std::vector<std::string> found;
        const auto page = this->store().list(after, limit).value();
        for (const auto& one : page) found.push_back(one.product_id);
        return found;
    };
    EXPECT_EQ(ids("", 10), (std::vector<std::string>{"P-0", "P-1001", "P-1002", "p-0"}))
        << "upper and lower case differ";
    EXPECT_EQ(ids("", 2), (std::vector<std::string>{"P-0", "P-1001"}));
    EXPECT_EQ(ids("P-1001", 2), (std::vector<std::string>{"P-1002", "p-0"}));
    EXPECT_TRUE(ids("p-0", 2).empty());
    EXPECT_EQ(this->store().find("P-9").value(), std::nullopt);
}

TYPED_TEST_P(InventoryStoreContract, AReservationReadsBackAsItWasStored) {
    Reservation full{
        .order_id = this->a_,
        .state = State::Failed,
        .product_id = std::string(64, 'x'),
        .quantity = 2'147'483'647,
        .failure_code = events::FailureCode::UnknownProduct,
        .correlation_id = std::string(128, 'c'),
    };
    Reservation plain{
        .order_id = this->b_,
        .state = State::Released,
        .product_id = "",
        .quantity = 0,
        .failure_code = {},
        .correlation_id = "c"
    };
    const std::array batch{order_event(this->a_, 1, created(1)), order_event(this->b_, 2, created(1))};
    ASSERT_TRUE(this->store().apply(
        batch,
        [&](const events::Event& event, std::optional<Reservation>& reservation, Stocks&) {
            EXPECT_FALSE(reservation.has_value());
            reservation = event.order_id == this->a_ ? full : plain;
            return Effects{};
        }
    ));
    EXPECT_EQ(this->reservation_of(this->a_), full);
    EXPECT_EQ(this->reservation_of(this->b_), plain);
}

TYPED_TEST_P(InventoryStoreContract, StockMovesWithItsReservation) {
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(3)), order_event(this->b_, 2, created(4))}));
    this->expect_stock("P-1001", 3, 7);
    ASSERT_TRUE(this->receive({order_event(this->a_, 3, events::OrderCancelled{})}));
    this->expect_stock("P-1001", 6, 4);
    ASSERT_TRUE(this->receive({order_event(this->b_, 4, events::OrderCompleted{})}));
    this->expect_stock("P-1001", 6, 0);
    EXPECT_EQ(this->reservation_of(this->a_)->state, State::Released);
    EXPECT_EQ(this->reservation_of(this->b_)->state, State::Consumed);
    this->expect_stock("P-1002", 5, 0);
}

TYPED_TEST_P(InventoryStoreContract, ABatchIsAppliedInItsOrder) {
    ASSERT_TRUE(this->receive({
        order_event(this->a_, 1, created(10)),
        order_event(this->b_, 2, created(1)),
        order_event(this->a_, 3, events::OrderCancelled{}),
        order_event(order_named("c"), 4, created(10)),
        order_event(order_named("d"), 5, created(5, "P-1002")),
    }));
    EXPECT_EQ(this->reservation_of(this->b_)->failure_code, events::FailureCode::OutOfStock);
    EXPECT_EQ(this->reservation_of(order_named("c"))->state, State::Reserved) << "what its batch gave back";
    this->expect_stock("P-1001", 0, 10);
    this->expect_stock("P-1002", 0, 5);
}

TYPED_TEST_P(InventoryStoreContract, AllProductsOfAnOrderMoveOrNone) {
    ASSERT_TRUE(this->receive({
        order_event(this->a_, 1, created({{"P-1002", 2}, {"P-1001", 3}, {"P-1002", 1}})),
        order_event(this->b_, 2, created({{"P-1001", 3}, {"P-1002", 3}})),
    }));
    this->expect_stock("P-1001", 7, 3);
    this->expect_stock("P-1002", 2, 3);
    const auto taken = this->reservation_of(this->a_).value();
    EXPECT_EQ(taken.product_id, "P-1002");
    EXPECT_EQ(taken.lines, (std::vector<events::Line>{{"P-1001", 3}, {"P-1002", 3}}));
    const auto refused = this->reservation_of(this->b_).value();
    EXPECT_EQ(refused.state, State::Failed);
    EXPECT_EQ(refused.product_id, "P-1002") << "the one that was short";
    EXPECT_TRUE(refused.lines.empty());
    ASSERT_TRUE(this->receive({order_event(this->a_, 3, events::OrderCancelled{})}));
    ASSERT_TRUE(this->receive({order_event(this->a_, 4, events::OrderCancelled{})})) << "a second release";
    this->expect_stock("P-1001", 10, 0);
    this->expect_stock("P-1002", 5, 0);
    ASSERT_TRUE(this->receive({order_event(order_named("c"), 5, created({{"P-1001", 1}, {"P-1002", 5}}))}));
    ASSERT_TRUE(this->receive({order_event(order_named("c"), 6, events::OrderCompleted{})}));
    this->expect_stock("P-1001", 9, 0);
    this->expect_stock("P-1002", 0, 0);
}

TYPED_TEST_P(InventoryStoreContract, AnUnknownProductIsNotMade) {
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(1, "P-9"))}));
    EXPECT_EQ(this->reservation_of(this->a_)->failure_code, events::FailureCode::UnknownProduct);
    EXPECT_EQ(this->store().find("P-9").value(), std::nullopt);
}

TYPED_TEST_P(InventoryStoreContract, TheSameEventTwiceInOneBatchHappensOnce) {
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(3)), order_event(this->a_, 1, created(3))}));
    this->expect_stock("P-1001", 7, 3);
    EXPECT_EQ(this->driver_.told().size(), 1U);
}

TYPED_TEST_P(InventoryStoreContract, TheSameEventInTwoBatchesHappensOnce) {
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(3))}));
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(3)), order_event(this->b_, 2, created(1))}));
    this->expect_stock("P-1001", 6, 4);
    EXPECT_EQ(this->driver_.told().size(), 2U);
}

TYPED_TEST_P(InventoryStoreContract, AReplayWithAnEmptiedInboxMovesNothing) {
    const std::vector<events::Event> history{
        order_event(this->a_, 1, created(3)),
        order_event(this->b_, 2, created(4)),
        order_event(this->a_, 3, events::OrderCancelled{}),
        order_event(this->b_, 4, events::OrderCompleted{}),
        order_event(order_named("c"), 5, created(9)),
        order_event(order_named("d"), 6, events::OrderCancelled{}),
        order_event(order_named("d"), 7, created(1)),
        order_event(order_named("e"), 8, created({{"P-1001", 1}, {"P-1002", 2}})),
        order_event(order_named("e"), 9, events::OrderCancelled{}),
        order_event(order_named("f"), 10, created({{"P-1001", 1}, {"P-1002", 2}})),
        order_event(order_named("f"), 11, events::OrderCompleted{}),
    };
    ASSERT_TRUE(this->receive(history));
    const auto movements = this->driver_.movements();
    this->expect_stock("P-1001", 5, 0);
    this->driver_.empty_inbox();
    ASSERT_TRUE(this->receive(history));
    for (const auto& event : history) {
        this->driver_.empty_inbox();
        ASSERT_TRUE(this->receive({event})) << "one by one as well";
    }
    this->expect_stock("P-1001", 5, 0);
    this->expect_stock("P-1002", 3, 0);
    EXPECT_EQ(this->driver_.movements(), movements);
}

TYPED_TEST_P(InventoryStoreContract, ALowMarkThatIsPassedIsToldOnceOverBatches) {
    const std::array items{Item{.product_id = "few", .available = 3, .low_mark = 2}};
    ASSERT_TRUE(this->store().seed(items));
    ASSERT_TRUE(this->receive({order_event(this->a_, 1, created(2, "few"))}));
    ASSERT_TRUE(this->receive({order_event(this->b_, 2, created(1, "few"))}));
    std::size_t low = 0;
    for (const auto& value : this->driver_.told()) {
        const auto decoded = events::decode(value);
        const auto& event = std::get<events::Event>(*decoded);
        if (std::holds_alternative<events::StockLow>(event.payload)) ++low;
    }
    EXPECT_EQ(low, 1U);
}

TYPED_TEST_P(InventoryStoreContract, EveryAnswerIsTold) {
    const std::vector answers{
        order_event(this->a_, 101, events::InventoryReleased{.product_id = "", .quantity = 0}),
        order_event(this->a_, 102, events::InventoryReserved{.product_id = "P-1001", .quantity = 2})
    };
    const std::array batch{order_event(this->a_, 1, created(1))};
    ASSERT_TRUE(this->store().apply(batch, [&](const events::Event&, std::optional<Reservation>&, Stocks&) {
        return Effects{.answers = answers, .ledger = {}};
    }));
    EXPECT_EQ(this->driver_.told(), test::encoded(answers));
}

TYPED_TEST_P(InventoryStoreContract, AFailureAtTheEndLeavesNothing) {
    const std::vector batch{
        order_event(this->a_, 1, created(3)), order_event(this->b_, 2, created(1, "P-1002"))
    };
    this->driver_.refuse_events(true);
    ASSERT_FALSE(this->receive(batch));
    this->expect_stock("P-1001", 10, 0);
    this->expect_stock("P-1002", 5, 0);
    this->driver_.refuse_events(false);
    EXPECT_TRUE(this->driver_.told().empty());
    EXPECT_EQ(this->reservation_of(this->a_), std::nullopt);
    ASSERT_TRUE(this->receive(batch)) << "the inbox has not seen the events";
    this->expect_stock("P-1001", 7, 3);
    this->expect_stock("P-1002", 4, 1);
}

TYPED_TEST_P(InventoryStoreContract, AnEmptyBatchChangesNothing) {
    ASSERT_TRUE(this->receive({}));
    this->expect_stock("P-1001", 10, 0);
}

REGISTER_TYPED_TEST_SUITE_P(
    InventoryStoreContract,
    SeedAddsWhatIsMissingAndLeavesTheRest,
    ProductsAreListedInOrderPageByPage,
    AReservationReadsBackAsItWasStored,
    StockMovesWithItsReservation,
    ABatchIsAppliedInItsOrder,
    AllProductsOfAnOrderMoveOrNone,
    AnUnknownProductIsNotMade,
    TheSameEventTwiceInOneBatchHappensOnce,
    TheSameEventInTwoBatchesHappensOnce,
    AReplayWithAnEmptiedInboxMovesNothing,
    ALowMarkThatIsPassedIsToldOnceOverBatches,
    EveryAnswerIsTold,
    AFailureAtTheEndLeavesNothing,
    AnEmptyBatchChangesNothing
);

}  // namespace platform::inventory
