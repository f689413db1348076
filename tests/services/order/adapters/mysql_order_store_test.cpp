#include "services/order/adapters/mysql_order_store.hpp"

#include "services/order/migrations/migrations.hpp"
#include "tests/backends/wait.hpp"
#include "tests/services/order/adapters/order_store_contract.hpp"
#include "tests/services/service_database.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <variant>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class MysqlSubject final : public StoreUnderTest {
public:
    OrderStore& store() override { return mysql(); }
    MysqlOrderStore& mysql() { return store_; }
    test::ServiceDatabase& database() { return database_; }
    std::vector<std::string> told() override {
        std::vector<std::string> types;
        for (const auto& value : database_.told()) {
            const auto event = events::decode(value);
            EXPECT_TRUE(event);
            types.emplace_back(events::type_name(std::get<events::Event>(*event).payload));
        }
        std::ranges::sort(types);
        return types;
    }

private:
    test::ServiceDatabase database_{migrations()};
    MysqlOrderStore store_{
        {.group = "order-service", .topics = {}, .first_look = 30s},
        database_.pool,
        database_.relay
    };
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mysql, OrderStoreContract, MysqlSubject);

class MysqlOrderStoreTest : public testing::Test {
protected:
    MysqlOrderStore& store() { return subject_.mysql(); }
    test::ServiceDatabase& database() { return subject_.database(); }
    std::int64_t count(const std::string& table) {
        return database().number("SELECT COUNT(*) FROM " + table);
    }

    MysqlSubject subject_;
};

TEST_F(MysqlOrderStoreTest, OrderKeyAndEventAreOneTransaction) {
    database().refuse_events(true);
    EXPECT_FALSE(store().insert(std::array{to_place(1, content(), "key")}));
    EXPECT_EQ(count("orders"), 0);
    EXPECT_EQ(count("idempotency_keys"), 0);
    database().refuse_events(false);
    EXPECT_TRUE(store().insert(std::array{to_place(1, content(), "key")}));
    EXPECT_EQ(count("orders"), 1);
    EXPECT_EQ(count("idempotency_keys"), 1);
    EXPECT_EQ(count("outbox"), 1);
}

TEST_F(MysqlOrderStoreTest, AChangeWithItsInboxAndEventsIsOneTransaction) {
    ASSERT_TRUE(store().insert(std::array{to_place(1)}));
    const auto event = leg_event(order_id(1), 1, out_of_stock());
    const std::array occasions{Occasion{.order_id = order_id(1), .event_id = event.metadata.event_id}};
    const Stamp stamp{.next_id = [] { return Uuid::of_name("made"); }, .now = WallTime{}};
    const auto apply = [&] {
        return store().change(occasions, [&](std::size_t, std::optional<Order>& order) {
            return on_event(*order, event, stamp);
        });
    };
    database().refuse_events(true);
    EXPECT_FALSE(apply());
    database().refuse_events(false);
    EXPECT_EQ(count("inbox"), 0);
    EXPECT_FALSE((*store().find(order_id(1)))->saga.failure);
    EXPECT_TRUE(apply());
    EXPECT_EQ(count("inbox"), 1);
    EXPECT_TRUE((*store().find(order_id(1)))->saga.failure);
}

TEST_F(MysqlOrderStoreTest, DueOrdersAreThoseWithoutAnEndAndEachIsTakenOnce) {
    ASSERT_TRUE(store().insert(std::array{to_place(1)}));
    ASSERT_TRUE(store().insert(std::array{to_place(3), to_place(2)}));  // one outbox row, by the id of the third
    database().execute(
        mysql::Sql{"UPDATE orders SET next_look_at = NOW(6) - INTERVAL 1 SECOND WHERE id <> ?", order_id(3)}
    );
    database().execute(
        mysql::Sql{"UPDATE orders SET updated_at = NOW(6) - INTERVAL 1 HOUR WHERE id = ?", order_id(1)}
    );
    database().execute(mysql::Sql{"DELETE FROM outbox WHERE id = ?", order_id(1)});
    auto due = store().take_due(10, 30s);
    ASSERT_TRUE(due) << due.error().what;
    ASSERT_EQ(due->size(), 2U);
    for (const Due& one : *due) {
        const bool first = one.order.id == order_id(1);
        EXPECT_EQ(one.announced, first) << "the broker has an order whose outbox row is gone";
        EXPECT_EQ(one.idle >= 1h, first);
        EXPECT_GT(one.now, WallTime{});
    }
    due = store().take_due(10, 30s);
    ASSERT_TRUE(due);
    EXPECT_TRUE(due->empty()) << "put off";
}

TEST_F(MysqlOrderStoreTest, ASweeperReadsWhatItTakesAlone) {
    std::vector<NewOrder> orders;
    for (int i = 1; i <= 100; ++i) orders.push_back(to_place(i));
    ASSERT_TRUE(store().insert(orders));
    database().execute(mysql::Sql{"UPDATE orders SET next_look_at = NOW(6) - INTERVAL 1 SECOND"});
    const auto before = database().rows_read();
    ASSERT_EQ(store().take_due(7, 30s)->size(), 7U);
    EXPECT_LT(database().rows_read() - before, 50) << "what is read is locked, and hidden from the next sweeper";
}

TEST_F(MysqlOrderStoreTest, AnEndedOrderIsNeverDue) {
    ASSERT_TRUE(store().insert(std::array{to_place(1)}));
    const std::array occasions{Occasion{.order_id = order_id(1), .event_id = std::nullopt}};
    const Stamp stamp{.next_id = [] { return Uuid::of_name("made"); }, .now = WallTime{}};
    ASSERT_TRUE(store().change(occasions, [&](std::size_t, std::optional<Order>& order) {
        (void)on_event(*order, leg_event(order_id(1), 1, declined()), stamp);
        return on_event(*order, leg_event(order_id(1), 2, out_of_stock()), stamp);
    }));
    EXPECT_EQ(database().number("SELECT next_look_at IS NULL AND status = 'CANCELLED' FROM orders"), 1);
}

TEST_F(MysqlOrderStoreTest, AKeyThatAnotherTransactionHoldsIsWaitedForOneSecond) {
    auto session = database().pool.acquire();
    ASSERT_TRUE(session);
    auto holder = mysql::Transaction::begin(**session);
    ASSERT_TRUE(holder);
    ASSERT_TRUE(holder->session().execute(mysql::Sql{
        "INSERT INTO idempotency_keys (subject, idem_key, order_id) VALUES ('', 'key', ?)", order_id(9)
    }));
    const Instant begin = database().clock.now();
    const auto blocked = store().insert(std::array{to_place(1, content(), "key")});
    const Duration took = database().clock.now() - begin;
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(blocked.error().outcome_unknown);
    EXPECT_LT(took, 4s);
    ASSERT_TRUE(holder->commit());
    const auto refused = store().insert(std::array{to_place(1, content(), "key")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
}

TEST_F(MysqlOrderStoreTest, BatchesOverTheSameOrdersInOppositeOrderDoNotDeadlock) {
    std::vector<NewOrder> orders;
    for (int i = 0; i < 50; ++i) orders.push_back(to_place(i));
    ASSERT_TRUE(store().insert(orders));
    std::atomic<int> failures{0};
    const auto bump = [&](bool backwards) {
        std::vector<Occasion> occasions;
        for (int i = 0; i < 50; ++i)
            occasions.push_back({.order_id = order_id(backwards ? 49 - i : i), .event_id = std::nullopt});
        for (int round = 0; round < 20; ++round) {
            const auto done = store().change(occasions, [](std::size_t, std::optional<Order>& order) {
                ++order->version;
                return std::vector<events::Event>{};
            });
            if (!done) ++failures;
        }
    };
    auto one = std::async(std::launch::async, bump, false);
    auto other = std::async(std::launch::async, bump, true);
    one.get();
    other.get();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(database().number("SELECT MIN(version) FROM orders"), 41) << "no update was lost";
}

TEST_F(MysqlOrderStoreTest, OpenOrdersAreCountedByStateWithTheAgeOfTheOldest) {
    EXPECT_TRUE(store().count_open()->empty());
    ASSERT_TRUE(store().insert(std::array{to_place(1), to_place(2), to_place(3), to_place(4)}));
    database().execute(mysql::Sql{"UPDATE orders SET created_at = NOW(6)"});
    database().execute(mysql::Sql{"UPDATE orders SET created_at = NOW(6) - INTERVAL 90 SECOND, "
                                  "saga_state = 'COMPENSATING' ORDER BY id LIMIT 2"});
    database().execute(mysql::Sql{"UPDATE orders SET next_look_at = NULL WHERE saga_state = 'CREATED' LIMIT 1"});
    const auto open = store().count_open();
    ASSERT_TRUE(open);
    ASSERT_EQ(open->size(), 2U);
    EXPECT_EQ(open->at(SagaState::Created).count, 1);
    EXPECT_LT(open->at(SagaState::Created).oldest, 60s);
    EXPECT_EQ(open->at(SagaState::Compensating).count, 2);
    EXPECT_GE(open->at(SagaState::Compensating).oldest, 90s);
    EXPECT_LT(open->at(SagaState::Compensating).oldest, 10min);
}

TEST_F(MysqlOrderStoreTest, OldKeysArePurgedPageByPage) {
    ASSERT_TRUE(store().insert(
        std::array{to_place(1, content(), "a"), to_place(2, content(), "b"), to_place(3, content(), "c")}
    ));
    database().execute(
        mysql::Sql{"UPDATE idempotency_keys SET created_at = NOW(6) - INTERVAL 2 HOUR WHERE idem_key <> 'c'"}
    );
    EXPECT_EQ(store().purge_keys(1h, 1), 1U);
    EXPECT_EQ(store().purge_keys(1h, 10), 1U);
    EXPECT_EQ(store().purge_keys(1h, 10), 0U);
    EXPECT_EQ(count("idempotency_keys"), 1);
}

}  // namespace
}  // namespace platform::order
