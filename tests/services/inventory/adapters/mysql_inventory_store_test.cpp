#include "services/inventory/adapters/mysql_inventory_store.hpp"

#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/inventory/store_contract.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>

namespace platform::inventory {
namespace {

class MysqlDriver {
public:
    InventoryStore& store() { return store_; }
    [[nodiscard]] std::multiset<std::string> told() { return database.told(); }
    [[nodiscard]] std::int64_t ledger_sum(const std::string& product) {
        return database.number(
            "SELECT CAST(COALESCE(SUM(delta), 0) AS SIGNED) FROM stock_movements WHERE product_id = '" +
            product + "'"
        );
    }
    [[nodiscard]] std::int64_t movements() { return database.number("SELECT COUNT(*) FROM stock_movements"); }
    void empty_inbox() { database.empty_inbox(); }
    void refuse_events(bool refuse) { database.refuse_events(refuse); }

    test::ServiceDatabase database{migrations()};

private:
    MysqlInventoryStore store_{{}, database.pool, database.relay};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mysql, InventoryStoreContract, MysqlDriver);

class MysqlInventoryStoreTest : public testing::Test {
protected:
    InventoryStore& store() { return driver_.store(); }
    test::ServiceDatabase& database() { return driver_.database; }
    void seed(const std::string& product, std::int64_t available) {
        const std::array items{Item{.product_id = product, .available = available, .reserved = 0}};
        ASSERT_TRUE(store().seed(items));
    }
    Result<void> receive(const std::vector<events::Event>& batch) {
        const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = WallTime{}};
        return store().apply(
            batch,
            [&](const events::Event& event, std::optional<Reservation>& reservation, Stock& stock) {
                return on_order_event(event, reservation, stock, stamp);
            }
        );
    }
    /// As the consumer does with a batch that met others: again, but not for ever. False when that was not
    /// enough.
    bool receive_patiently(const std::vector<events::Event>& batch) {
        constexpr int kTries = 200;
        for (int tries = 0; tries < kTries; ++tries) {
            const auto received = receive(batch);
            if (received) return true;
            EXPECT_EQ(received.error().kind, ErrorKind::Unavailable) << received.error().what;
        }
        return false;
    }
    /// Stock, reservations and ledger agree, whatever happened.
    void expect_conserved(const std::string& product, std::int64_t total) {
        const auto item = store().find(product).value().value();
        const auto held = database().number(
            "SELECT CAST(COALESCE(SUM(quantity), 0) AS SIGNED) FROM reservations WHERE state = 'RESERVED' "
            "AND product_id = '" +
            product + "'"
        );
        EXPECT_GE(item.available, 0);
        EXPECT_EQ(item.available + held, total)
            << product << ": every piece is on the shelf or reserved for one order";
        EXPECT_EQ(item.reserved, held);
        EXPECT_EQ(driver_.ledger_sum(product), item.available);
    }

    MysqlDriver driver_;
    UuidGenerator ids_{driver_.database.clock};
    const OrderId a_ = order_named("a");
};

TEST_F(MysqlInventoryStoreTest, EightThreadsNeverTakeMoreThanThereIs) {
    constexpr int kThreads = 8;
    constexpr int kOrders = 25;
    constexpr std::int64_t kPieces = 100;
    seed("P-1", kPieces);
    std::atomic<int> given_up = 0;
    std::barrier together(kThreads);
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < kThreads; ++member) {
            members.emplace_back([&, member] {
                together.arrive_and_wait();
                for (int i = 0; i < kOrders; ++i) {
                    const int number = member * kOrders + i;
                    const auto order = order_named(std::to_string(number));
                    if (!receive_patiently({order_event(order, number, created(1 + number % 3, "P-1"))}))
                        ++given_up;
                }
            });
        }
    }
    EXPECT_EQ(given_up, 0);
    expect_conserved("P-1", kPieces);
    EXPECT_EQ(store().find("P-1").value()->available, 0)
        << "two pieces an order were wanted, half a piece was there";
    EXPECT_GT(database().number("SELECT COUNT(*) FROM reservations WHERE failure_code = 'OUT_OF_STOCK'"), 0);
    EXPECT_EQ(database().told().size(), kThreads * kOrders) << "each order got one answer";
}

TEST_F(MysqlInventoryStoreTest, CrossedBatchesAllComeToAnEnd) {
    constexpr int kBatches = 25;
    seed("P-1", 1000);
    seed("P-2", 1000);
    std::atomic<int> given_up = 0;
    std::barrier together(2);
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < 2; ++member) {
            members.emplace_back([&, member] {
                together.arrive_and_wait();
                for (int i = 0; i < kBatches; ++i) {
                    const int number = (member * kBatches + i) * 4;
                    // Both members touch both products and the same two orders, in opposite order.
                    std::vector<events::Event> batch{
                        order_event(order_named("one " + std::to_string(number)), number, created(1, "P-1")),
                        order_event(
                            order_named("two " + std::to_string(number)), number + 1, created(1, "P-2")
                        ),
                        order_event(order_named("x " + std::to_string(i)), number + 2, created(1, "P-1")),
                        order_event(order_named("y " + std::to_string(i)), number + 3, created(1, "P-2")),
                    };
                    if (member == 1) std::ranges::reverse(batch);
                    if (!receive_patiently(batch)) ++given_up;
                }
            });
        }
    }
    EXPECT_EQ(given_up, 0);
    expect_conserved("P-1", 1000);
    expect_conserved("P-2", 1000);
    EXPECT_EQ(store().find("P-1").value()->available, 1000 - 3 * kBatches)
        << "the orders of both were reserved once";
}

TEST_F(MysqlInventoryStoreTest, TwoProcessesCannotBothMakeTheReservationOfAnOrder) {
    // Create and cancel meet in two members of the group, after a partition moved: if the tombstone replaced
    // the reservation, its stock would be lost.
    seed("P-1", 10);
    std::barrier both(2);
    const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = WallTime{}};
    const auto receive_together = [&](const events::Event& event) {
        const std::array batch{event};
        return store().apply(
            batch,
            [&](const events::Event& one, std::optional<Reservation>& reservation, Stock& stock) {
                both.arrive_and_wait();
                EXPECT_FALSE(reservation.has_value());
                return on_order_event(one, reservation, stock, stamp);
            }
        );
    };
    Result<void> cancelled;
    Result<void> reserved;
    {
        const std::jthread other([&] {
            cancelled = receive_together(order_event(a_, 2, events::OrderCancelled{}));
        });
        reserved = receive_together(order_event(a_, 1, created(3, "P-1")));
    }
    ASSERT_NE(cancelled.has_value(), reserved.has_value()) << "exactly one of them";
    EXPECT_EQ((cancelled ? reserved : cancelled).error().kind, ErrorKind::Unavailable)
        << "so that it is tried again";
    ASSERT_TRUE(receive({order_event(a_, 1, created(3, "P-1"))}));
    ASSERT_TRUE(receive({order_event(a_, 2, events::OrderCancelled{})}));
    expect_conserved("P-1", 10);
    EXPECT_EQ(store().find("P-1").value()->available, 10);
}

TEST_F(MysqlInventoryStoreTest, TheDatabaseItselfRefusesNegativeStock) {
    seed("P-1", 1);
    auto session = database().pool.acquire().value();
    EXPECT_FALSE(session->execute(mysql::Sql("UPDATE inventory_items SET available = available - 2")));
    EXPECT_FALSE(session->execute(mysql::Sql("UPDATE inventory_items SET reserved = -1")));
    EXPECT_EQ(store().find("P-1").value()->available, 1);
}

TEST_F(MysqlInventoryStoreTest, AnswersGoToTheRelayAfterTheCommitOnly) {
    seed("P-1", 10);
    const std::vector batch{
        order_event(a_, 1, created(1, "P-1")), order_event(a_, 2, events::OrderCancelled{})
    };
    database().refuse_events(true);
    ASSERT_FALSE(receive(batch));
    EXPECT_TRUE(database().producer.taken().empty());
    database().refuse_events(false);
    ASSERT_TRUE(receive(batch));
    const auto taken = database().producer.taken();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].topic, "inventory.events");
    EXPECT_EQ(taken[0].key, a_.text());
    EXPECT_NE(taken[0].value.find("INVENTORY_RESERVED"), std::string::npos) << "in their order";
    EXPECT_NE(taken[1].value.find("INVENTORY_RELEASED"), std::string::npos);
}

TEST_F(MysqlInventoryStoreTest, WithoutAServerEveryCallSaysUnavailable) {
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database().clock, database().registry);
    MysqlInventoryStore lost{{}, pool, database().relay};
    const std::array batch{order_event(a_, 1, created(1))};
    const std::array items{Item{.product_id = "P", .available = 1, .reserved = 0}};
    EXPECT_EQ(lost.apply(batch, {}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.find("P").error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.list("", 1).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.seed(items).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::inventory
