#include "services/inventory/adapters/mysql_catalogue_store.hpp"

#include "services/inventory/adapters/mysql_inventory_store.hpp"
#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/inventory/order_events.hpp"
#include "tests/services/service_database.hpp"

#include <array>
#include <atomic>
#include <barrier>
#include <gtest/gtest.h>
#include <thread>

namespace platform::inventory {
namespace {

class MysqlCatalogueStoreTest : public testing::Test {
protected:
    Stamp stamp() {
        return {.next_id = [this] { return ids_.next(); }, .now = WallTime{std::chrono::microseconds{1'763'805'600'123'456}}};
    }
    Result<void> put_it(const ProductWanted& wanted) {
        return store_.change(wanted.product_id, "", [&](std::optional<Item>& item, const std::optional<Adjustment>&) {
            return put(wanted, item, "c-1", stamp());
        });
    }
    /// Adjusts by a number of pieces; the outcome, or a failed test when the store failed.
    std::expected<Adjusted, AdjustmentRefused>
    adjust_it(const std::string& key, std::int64_t delta, const std::string& product = "P-1") {
        const AdjustmentWanted wanted{.key = key, .product_id = product, .amount = delta, .reason = "counted"};
        std::expected<Adjusted, AdjustmentRefused> outcome = std::unexpected(NoSuchProduct{});
        const auto done = store_.change(product, key, [&](std::optional<Item>& item, const std::optional<Adjustment>& earlier) {
            outcome = adjust(wanted, earlier, item, "c-1", stamp());
            return outcome ? outcome->effects : ItemEffects{};
        });
        EXPECT_TRUE(done) << done.error().what;
        return outcome;
    }
    Item stored(const std::string& product = "P-1") { return reservations_.find(product).value().value(); }
    std::int64_t ledger_sum(const std::string& product = "P-1") {
        return database_.number(
            "SELECT CAST(COALESCE(SUM(delta), 0) AS SIGNED) FROM stock_movements WHERE product_id = '" + product + "'"
        );
    }

    test::ServiceDatabase database_{migrations()};
    UuidGenerator ids_{database_.clock};
    MysqlCatalogueStore store_{"inventory.events", database_.pool, database_.relay};
    MysqlInventoryStore reservations_{{}, database_.pool, database_.relay};
};

TEST_F(MysqlCatalogueStoreTest, AProductIsMadeChangedAndTold) {
    ASSERT_TRUE(put_it(
        {.product_id = "P-1", .name = "Kännchen", .price = Money::parse("199.99").value(), .currency = "USD", .low_mark = 3, .initial_stock = 9}
    ));
    const Item expected{
        .product_id = "P-1",
        .available = 9,
        .name = "Kännchen",
        .price = Money::parse("199.99").value(),
        .currency = "USD",
        .low_mark = 3,
        .revision = 1
    };
    EXPECT_EQ(stored(), expected);
    EXPECT_EQ(ledger_sum(), 9);
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 100}));
    EXPECT_EQ(stored(), (Item{.product_id = "P-1", .available = 9, .revision = 2}));
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}}));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 2) << "nothing changed the third time";
    const auto taken = database_.producer.taken();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].topic, "inventory.events");
    EXPECT_EQ(taken[0].key, "P-1");
    EXPECT_NE(taken[0].value.find("\"price\":199.99"), std::string::npos);
}

TEST_F(MysqlCatalogueStoreTest, AnAdjustmentHappensOnceAndReadsBackAsItWasMade) {
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 5}));
    ASSERT_TRUE(put_it({.product_id = "P-2", .name = "", .price = {}, .initial_stock = 5}));
    const auto first = adjust_it("key 'one'", -3);
    ASSERT_TRUE(first);
    const auto again = adjust_it("key 'one'", -3);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->adjustment, first->adjustment);
    EXPECT_TRUE(std::holds_alternative<KeyReused>(adjust_it("key 'one'", -2).error()));
    EXPECT_TRUE(std::holds_alternative<KeyReused>(adjust_it("key 'one'", -3, "P-2").error()));
    EXPECT_TRUE(std::holds_alternative<NotEnough>(adjust_it("other", -3).error()));
    EXPECT_TRUE(std::holds_alternative<NoSuchProduct>(adjust_it("other", 1, "P-9").error()));
    EXPECT_EQ(stored().available, 2);
    EXPECT_EQ(stored("P-2").available, 5);
    EXPECT_EQ(ledger_sum(), 2);
    EXPECT_TRUE(adjust_it("other", -2)) << "a refused adjustment leaves its key free";
    EXPECT_EQ(stored().available, 0);
}

TEST_F(MysqlCatalogueStoreTest, ManyAtOnceWithOneKeyHappenOnce) {
    constexpr int kThreads = 6;
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 0}));
    std::atomic<int> made = 0;
    std::atomic<int> replayed = 0;
    std::barrier together(kThreads);
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < kThreads; ++member) {
            members.emplace_back([&] {
                together.arrive_and_wait();
                const auto done = adjust_it("same", 7);
                if (done) ++(done->replayed ? replayed : made);
            });
        }
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(replayed, kThreads - 1);
    EXPECT_EQ(stored().available, 7);
    EXPECT_EQ(ledger_sum(), 7);
}

TEST_F(MysqlCatalogueStoreTest, AProductMadeByManyAtOnceIsOneProduct) {
    constexpr int kThreads = 6;
    std::atomic<int> failed = 0;
    std::barrier together(kThreads);
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < kThreads; ++member) {
            members.emplace_back([&] {
                together.arrive_and_wait();
                if (!put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 4})) ++failed;
            });
        }
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(stored().available, 4);
    EXPECT_EQ(ledger_sum(), 4);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 1);
}

TEST_F(MysqlCatalogueStoreTest, AdjustmentsAndReservationsOfOneProductDoNotLoseEachOther) {
    constexpr int kEach = 30;
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 100}));
    std::atomic<int> failed = 0;
    std::barrier together(2);
    {
        const std::jthread other([&] {
            together.arrive_and_wait();
            for (int i = 0; i < kEach; ++i) {
                if (!adjust_it("k" + std::to_string(i), 1)) ++failed;
            }
        });
        together.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
            const std::array batch{order_event(order_named(std::to_string(i)), i, created(1, "P-1"))};
            const auto done = reservations_.apply(
                batch,
                [&](const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks) {
                    return on_order_event(event, reservation, stocks, stamp());
                }
            );
            if (!done) ++failed;
        }
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(stored().available, 100);
    EXPECT_EQ(stored().reserved, kEach);
    EXPECT_EQ(ledger_sum(), 100);
}

TEST_F(MysqlCatalogueStoreTest, NothingIsLeftOfAChangeThatFailedAtItsEnd) {
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 5}));
    database_.refuse_events(true);
    EXPECT_FALSE(put_it({.product_id = "P-1", .name = "x", .price = {}}));
    EXPECT_FALSE(put_it({.product_id = "P-2", .name = "x", .price = {}}));
    database_.refuse_events(false);
    EXPECT_EQ(stored().name, "");
    EXPECT_EQ(reservations_.find("P-2").value(), std::nullopt);
    EXPECT_EQ(database_.producer.taken().size(), 1U);
}

TEST_F(MysqlCatalogueStoreTest, MovementsAreReadFromTheNewestPageByPage) {
    ASSERT_TRUE(put_it({.product_id = "P-1", .name = "", .price = {}, .initial_stock = 5}));
    ASSERT_TRUE(put_it({.product_id = "P-2", .name = "", .price = {}, .initial_stock = 1}));
    ASSERT_TRUE(adjust_it("a", 2));
    ASSERT_TRUE(adjust_it("b", -1));
    const auto page = store_.movements("P-1", 0, 2).value();
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[0].row.delta, -1);
    EXPECT_EQ(page[0].row.movement, Movement::Adjusted);
    EXPECT_EQ(page[0].row.reason, "counted");
    const auto rest = store_.movements("P-1", page[1].id, 2).value();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].row.movement, Movement::Initial);
    EXPECT_EQ(rest[0].row.delta, 5);
    EXPECT_TRUE(store_.movements("P-9", 0, 2).value().empty());
}

}  // namespace
}  // namespace platform::inventory
