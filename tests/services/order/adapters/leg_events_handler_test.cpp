#include "services/order/adapters/leg_events_handler.hpp"

#include "services/order/migrations/migrations.hpp"
#include "tests/services/order/fake_order_store.hpp"
#include "tests/services/order/orders.hpp"
#include "tests/services/service_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class LegEventsHandlerTest : public testing::Test {
protected:
    LegEventsHandlerTest() { store_.orders.emplace(order_id(1), new_order(1)); }

    kafka::Record record(std::string value, std::int64_t timestamp_millis = -1) {
        return {
            .topic = "payment.events",
            .partition = 1,
            .offset = next_offset_++,
            .timestamp_millis = timestamp_millis,
            .key = order_id(1).text(),
            .value = std::move(value),
            .headers = {{"a", "b"}}
        };
    }
    kafka::Record record(const events::Event& event) { return record(events::encode(event)); }
    SagaState state() { return store_.orders.at(order_id(1)).state(); }

    FakeOrderStore store_;
    test::ServiceDatabase database_{migrations()};
    FakeClock clock_;
    UuidGenerator ids_{clock_, 1};
    service::DeadLetters dead_letters_{"order-service", ".DLT", database_.pool, database_.relay, ids_};
    LegEventsHandler handler_{store_, dead_letters_, clock_, ids_, database_.registry};
    std::int64_t next_offset_ = 0;
};

TEST_F(LegEventsHandlerTest, ABatchMovesItsOrders) {
    const std::array batch{
        record(leg_event(order_id(1), 1, paid())),
        record(leg_event(order_id(1), 1, paid())),
        record(leg_event(order_id(1), 2, reserved())),
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(state(), SagaState::Completed);
    EXPECT_EQ(store_.emitted.size(), 1U);
}

TEST_F(LegEventsHandlerTest, AnEndIsCountedWhenItIsStoredAndOnlyOnce) {
    const auto ends = [this](int count) {
        return testing::HasSubstr(
            "saga_duration_seconds_count{application=\"test\",outcome=\"completed\"} " + std::to_string(count) + "\n"
        );
    };
    const std::array batch{
        record(leg_event(order_id(1), 1, paid())),
        record(leg_event(order_id(1), 2, reserved())),
        record(leg_event(order_id(1), 3, reserved())),
    };
    store_.unchangeable = true;
    ASSERT_FALSE(handler_.apply(batch));
    EXPECT_THAT(database_.registry.scrape(), ends(0));
    store_.unchangeable = false;
    ASSERT_TRUE(handler_.apply(batch));
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_THAT(database_.registry.scrape(), ends(1));
}

TEST_F(LegEventsHandlerTest, EventsOfOtherPartsAndOfUnknownOrdersAreSkipped) {
    const std::array batch{
        record(created_event(new_order(1))),
        record(leg_event(order_id(2), 1, paid())),
        record(leg_event(OrderId{}, 3, events::StockLow{.product_id = "P-1", .available = 1, .low_mark = 2})),
        record(leg_event(order_id(1), 2, paid())),
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(state(), SagaState::PaymentCompleted);
    EXPECT_FALSE(store_.orders.contains(order_id(2)));
    EXPECT_EQ(store_.inbox.size(), 2U) << "events of the catalogue belong to no order and cost no row";
}

TEST_F(LegEventsHandlerTest, OneBadRecordIsInvalidAndNothingIsApplied) {
    const std::array batch{record(leg_event(order_id(1), 1, paid())), record("\xFF not an event")};
    const auto done = handler_.apply(batch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
    EXPECT_EQ(state(), SagaState::Created);
    EXPECT_TRUE(store_.inbox.empty());
}

TEST_F(LegEventsHandlerTest, AStoreThatFailsKeepsItsErrorKind) {
    store_.unchangeable = true;
    const auto done = handler_.apply(std::array{record(leg_event(order_id(1), 1, paid()))});
    ASSERT_FALSE(done);
    EXPECT_TRUE(retryable(done.error().kind));
}

TEST_F(LegEventsHandlerTest, ADeadLetterIsAnOutboxRow) {
    ASSERT_TRUE(handler_.dead_letter(record("\xFF"), Error{.kind = ErrorKind::Invalid, .what = "not JSON"}));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox WHERE topic = 'payment.events.DLT'"), 1);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM inbox"), 0);
}

TEST_F(LegEventsHandlerTest, IsBehindWhileRecordsAreMuchOlderThanNow) {
    clock_.advance(1h);
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch()).count();
    const auto value = events::encode(leg_event(order_id(1), 1, paid()));
    EXPECT_FALSE(handler_.behind());
    ASSERT_TRUE(handler_.apply(std::array{record(value, now - 60'000)}));
    EXPECT_TRUE(handler_.behind());
    EXPECT_EQ(handler_.may_ask(), 0U);
    ASSERT_TRUE(handler_.apply(std::array{record(value, now - 60'000), record(value, now - 5)}));
    EXPECT_FALSE(handler_.behind());
    ASSERT_TRUE(handler_.apply(std::array{record(value, now - 60'000)}));
    clock_.advance(1min);
    EXPECT_FALSE(handler_.behind()) << "nothing has come for long: the queue is empty";
}

TEST_F(LegEventsHandlerTest, OneOrderOfTwentyThatWereAnsweredMayBeAskedForAgain) {
    constexpr int kOrders = 400;
    EXPECT_EQ(handler_.may_ask(), 10U) << "some in any case: nothing is answered when all questions were lost";
    std::vector<kafka::Record> batch;
    for (int i = 1; i <= kOrders; ++i) {
        store_.orders.try_emplace(order_id(i), new_order(i));
        batch.push_back(record(leg_event(order_id(i), 2 * i, paid())));
        batch.push_back(record(leg_event(order_id(i), 2 * i + 1, reserved())));
    }
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(handler_.may_ask(), std::size_t{kOrders / 20});
    EXPECT_EQ(handler_.may_ask(), 10U) << "since the last time";
}

}  // namespace
}  // namespace platform::order
