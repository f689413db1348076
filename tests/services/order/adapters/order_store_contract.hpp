#pragma once
#include "services/order/domain/order_store.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace platform::order {

/// A store to test, with a look at what it has told.
class StoreUnderTest {
public:
    StoreUnderTest() = default;
    StoreUnderTest(const StoreUnderTest&) = delete;
    StoreUnderTest& operator=(const StoreUnderTest&) = delete;
    virtual ~StoreUnderTest() = default;
    virtual OrderStore& store() = 0;
    /// Event types in the outbox, sorted.
    virtual std::vector<std::string> told() = 0;
};

/// What every OrderStore promises. `Subject` is a StoreUnderTest that can be made without arguments.
template <class Subject>
class OrderStoreContract : public testing::Test {
protected:
    OrderStore& store() { return subject_.store(); }
    Result<void> insert(std::vector<NewOrder> orders) { return store().insert(orders); }
    /// Applies one event of a leg; gives whether it was admitted.
    bool apply(const OrderId& id, int event, events::Payload payload) {
        const std::array occasions{
            Occasion{.order_id = id, .event_id = EventId{Uuid::of_name("event " + std::to_string(event))}}
        };
        bool admitted = false;
        const Stamp stamp{
            .next_id = [this] { return Uuid::of_name("made " + std::to_string(++made_)); }, .now = WallTime{}
        };
        auto done = store().change(occasions, [&](std::size_t, std::optional<Order>& order) {
            admitted = true;
            return order ? on_event(*order, leg_event(id, event, payload), stamp)
                         : std::vector<events::Event>{};
        });
        EXPECT_TRUE(done) << done.error().what;
        return admitted;
    }
    Order found(const OrderId& id) {
        auto order = store().find(id);
        EXPECT_TRUE(order && *order);
        return order && *order ? **order : Order{};
    }

    Subject subject_;
    int made_ = 0;
};

TYPED_TEST_SUITE_P(OrderStoreContract);

TYPED_TEST_P(OrderStoreContract, WhatWasInsertedIsFoundWholeAndAnnouncedOnce) {
    Content what = content("P-7", 3, 12'345);
    what.user_id = "Zoë 🚚 ' \\ ?";
    ASSERT_TRUE(this->insert({to_place(1, what), to_place(2)}));
    const Order order = this->found(order_id(1));
    EXPECT_EQ(order.content, what);
    EXPECT_EQ(order.correlation_id, "correlation-1");
    EXPECT_EQ(order.state(), SagaState::Created);
    EXPECT_EQ(order.version, 1);
    EXPECT_EQ(order.times.created, WallTime{});
    EXPECT_EQ(this->subject_.told(), (std::vector<std::string>{"ORDER_CREATED", "ORDER_CREATED"}));
    auto missing = this->store().find(order_id(3));
    ASSERT_TRUE(missing);
    EXPECT_FALSE(*missing);
}

TYPED_TEST_P(OrderStoreContract, AnInsertIsAllOrNothing) {
    ASSERT_TRUE(this->insert({to_place(1, content(), "key")}));
    const auto again = this->insert({to_place(2), to_place(1)});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
    const auto key_again = this->insert({to_place(3, content(), "key")});
    ASSERT_FALSE(key_again);
    EXPECT_EQ(key_again.error().kind, ErrorKind::Conflict);
    for (const int absent : {2, 3}) EXPECT_FALSE(*this->store().find(order_id(absent)));
    EXPECT_EQ(this->subject_.told().size(), 1U);
}

TYPED_TEST_P(OrderStoreContract, PlacedOrdersAreFoundByKeyThenById) {
    ASSERT_TRUE(this->insert({to_place(1, content(), "key \xC3\xA9 '")}));
    ASSERT_TRUE(this->insert({to_place(2)}));
    const std::array wanted{
        to_place(9, content(), "key \xC3\xA9 '"),
        to_place(2),
        to_place(3),
        to_place(2, content(), "another key")
    };
    const auto found = this->store().find_placed(wanted);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 4U);
    ASSERT_TRUE((*found)[0]);
    EXPECT_EQ((*found)[0]->id, order_id(1));
    ASSERT_TRUE((*found)[1]);
    EXPECT_EQ((*found)[1]->id, order_id(2));
    EXPECT_FALSE((*found)[2]);
    ASSERT_TRUE((*found)[3]);
    EXPECT_EQ((*found)[3]->id, order_id(2));
}

TYPED_TEST_P(OrderStoreContract, AnEventHappensOnce) {
    ASSERT_TRUE(this->insert({to_place(1)}));
    EXPECT_TRUE(this->apply(order_id(1), 1, paid()));
    EXPECT_FALSE(this->apply(order_id(1), 1, paid()));
    EXPECT_TRUE(this->apply(order_id(1), 2, reserved()));
    const Order order = this->found(order_id(1));
    EXPECT_EQ(order.state(), SagaState::Completed);
    EXPECT_EQ(order.version, 3);
    EXPECT_TRUE(order.times.closed);
    EXPECT_EQ(this->subject_.told(), (std::vector<std::string>{"ORDER_COMPLETED", "ORDER_CREATED"}));
}

TYPED_TEST_P(OrderStoreContract, AFailureIsKeptWithItsReason) {
    ASSERT_TRUE(this->insert({to_place(1)}));
    EXPECT_TRUE(this->apply(order_id(1), 1, out_of_stock()));
    const Order order = this->found(order_id(1));
    ASSERT_TRUE(order.saga.failure);
    EXPECT_EQ(order.saga.failure->code, events::FailureCode::OutOfStock);
    EXPECT_EQ(order.saga.failure->reason, "0 left");
    EXPECT_EQ(order.saga.inventory, InventoryLeg::Failed);
    EXPECT_EQ(this->subject_.told(), (std::vector<std::string>{"ORDER_CANCELLED", "ORDER_CREATED"}));
}

TYPED_TEST_P(OrderStoreContract, SeveralEventsOfOneOrderInOneBatchBuildOnEachOther) {
    ASSERT_TRUE(this->insert({to_place(1), to_place(2)}));
    const std::array batch{
        leg_event(order_id(2), 1, paid()),
        leg_event(order_id(1), 2, reserved()),
        leg_event(order_id(2), 3, reserved()),
        leg_event(order_id(2), 3, reserved()),
        leg_event(order_id(7), 4, paid()),
    };
    std::vector<Occasion> occasions;
    for (const auto& event : batch)
        occasions.push_back({.order_id = event.order_id, .event_id = event.metadata.event_id});
    const Stamp stamp{
        .next_id = [this] { return Uuid::of_name("made " + std::to_string(++this->made_)); },
        .now = WallTime{}
    };
    std::vector<std::size_t> seen;
    auto done = this->store().change(occasions, [&](std::size_t index, std::optional<Order>& order) {
        seen.push_back(index);
        EXPECT_EQ(order.has_value(), index != 4);
        return order ? on_event(*order, batch[index], stamp) : std::vector<events::Event>{};
    });
    ASSERT_TRUE(done);
    EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2, 4}));
    EXPECT_EQ(this->found(order_id(1)).state(), SagaState::InventoryReserved);
    EXPECT_EQ(this->found(order_id(2)).state(), SagaState::Completed);
}

TYPED_TEST_P(OrderStoreContract, OccasionsWithoutAnEventHappenEveryTime) {
    ASSERT_TRUE(this->insert({to_place(1)}));
    for (int i = 0; i < 2; ++i) {
        const std::array occasions{Occasion{.order_id = order_id(1), .event_id = std::nullopt}};
        auto done = this->store().change(occasions, [&](std::size_t, std::optional<Order>& order) {
            ++order->version;
            return std::vector<events::Event>{};
        });
        ASSERT_TRUE(done);
    }
    EXPECT_EQ(this->found(order_id(1)).version, 3);
}

TYPED_TEST_P(OrderStoreContract, TheListIsNewestFirstPageByPage) {
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(this->insert({to_place(i)}));
    std::vector<OrderId> seen;
    OrderStore::Query query{.limit = 2};
    for (;;) {
        auto page = this->store().list(query);
        ASSERT_TRUE(page);
        if (page->empty()) break;
        for (const Order& order : *page) seen.push_back(order.id);
        query.after = place_of(page->back());
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>{}));
}

TYPED_TEST_P(OrderStoreContract, TheListKeepsToItsConditions) {
    using Query = OrderStore::Query;
    constexpr auto at = [](int second) { return WallTime{std::chrono::seconds(second)}; };
    for (int i = 1; i <= 4; ++i) {
        NewOrder one = to_place(i, content(i == 4 ? "P-4" : "P-1001"));
        one.order.times.created = at(i);
        if (i == 3) one.order.content.user_id = "it's \\ ?";
        ASSERT_TRUE(this->insert({one}));
    }
    EXPECT_TRUE(this->apply(order_id(1), 1, paid()));
    EXPECT_TRUE(this->apply(order_id(1), 2, reserved()));
    EXPECT_TRUE(this->apply(order_id(2), 3, out_of_stock()));
    const auto expect = [&](const Query& query, const std::vector<int>& numbers) {
        std::vector<OrderId> wanted;
        for (const int number : numbers) wanted.push_back(order_id(number));
        std::vector<OrderId> seen;
        auto page = this->store().list(query);
        ASSERT_TRUE(page) << page.error().what;
        for (const Order& order : *page) seen.push_back(order.id);
        EXPECT_EQ(seen, wanted);
    };
    expect({}, {4, 3, 2, 1});
    expect({.status = Status::Completed}, {1});
    expect({.status = Status::Created}, {4, 3, 2});
    expect({.saga_state = SagaState::Compensating}, {2});
    expect({.user_id = "it's \\ ?"}, {3});
    expect({.status = Status::Created, .user_id = "user-1"}, {4, 2});
    expect({.product_id = "P-4"}, {4});
    expect({.from = at(2), .to = at(4)}, {3, 2});
    expect({.after = OrderStore::Place{.created = at(3), .id = order_id(3)}, .limit = 1}, {2});
    expect({.status = Status::Cancelled}, {});
}

TYPED_TEST_P(OrderStoreContract, AllLinesAreKeptAndFound) {
    ASSERT_TRUE(this->insert({to_place(1, three_lines()), to_place(2)}));
    EXPECT_TRUE(this->apply(order_id(1), 1, paid()));
    EXPECT_EQ(this->found(order_id(1)).content, three_lines());
    EXPECT_TRUE(this->found(order_id(2)).content.items.empty());
    for (const auto& [product, orders] : std::map<std::string, std::size_t>{{"P-1", 1}, {"P_2", 1}, {"P-2", 0}, {"P", 0}}) {
        const auto page = this->store().list({.product_id = product});
        ASSERT_TRUE(page);
        EXPECT_EQ(page->size(), orders) << product;
    }
}

TYPED_TEST_P(OrderStoreContract, ManyAreFoundAtOnce) {
    ASSERT_TRUE(this->insert({to_place(1), to_place(2), to_place(3)}));
    const std::array ids{order_id(3), order_id(1), order_id(9)};
    const auto found = this->store().find_all(ids);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(order_id(3)).content, content());
    EXPECT_TRUE(this->store().find_all({}).value().empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    OrderStoreContract,
    WhatWasInsertedIsFoundWholeAndAnnouncedOnce,
    AnInsertIsAllOrNothing,
    PlacedOrdersAreFoundByKeyThenById,
    AnEventHappensOnce,
    AFailureIsKeptWithItsReason,
    SeveralEventsOfOneOrderInOneBatchBuildOnEachOther,
    OccasionsWithoutAnEventHappenEveryTime,
    TheListIsNewestFirstPageByPage,
    TheListKeepsToItsConditions,
    AllLinesAreKeptAndFound,
    ManyAreFoundAtOnce
);

}  // namespace platform::order
