#include "services/inventory/domain/catalogue.hpp"

#include <gtest/gtest.h>

namespace platform::inventory {
namespace {

class CatalogueTest : public testing::Test {
protected:
    ItemEffects put_it(const ProductWanted& wanted) { return put(wanted, item_, "c-1", stamp_); }
    std::expected<Adjusted, AdjustmentRefused> adjust_it(
        AdjustmentWanted::Kind kind, std::int64_t amount, const std::optional<Adjustment>& earlier = std::nullopt
    ) {
        return adjust(
            {.key = "k", .product_id = "P-1", .kind = kind, .amount = amount, .reason = "counted"}, earlier, item_, "c-1", stamp_
        );
    }

    int made_ = 0;
    Stamp stamp_{.next_id = [this] { return Uuid::of_name(std::to_string(++made_)); }, .now = WallTime{}};
    std::optional<Item> item_ = Item{.product_id = "P-1", .available = 10, .low_mark = 5, .revision = 3};
};
constexpr auto kDelta = AdjustmentWanted::Kind::Delta;
constexpr auto kSetTo = AdjustmentWanted::Kind::SetTo;

TEST_F(CatalogueTest, ANewProductStartsWithItsStock) {
    item_.reset();
    const auto effects = put_it(
        {.product_id = "P-1", .name = "Teapot", .price = Money::of_units(5), .currency = "USD", .low_mark = 3, .initial_stock = 9}
    );
    const Item expected{
        .product_id = "P-1",
        .available = 9,
        .name = "Teapot",
        .price = Money::of_units(5),
        .currency = "USD",
        .low_mark = 3,
        .revision = 1
    };
    EXPECT_EQ(item_, expected);
    ASSERT_EQ(effects.ledger.size(), 1U);
    EXPECT_EQ(effects.ledger[0].delta, 9);
    EXPECT_EQ(effects.ledger[0].movement, Movement::Initial);
    ASSERT_EQ(effects.events.size(), 1U);
    const auto& told = std::get<events::InventoryAdjusted>(effects.events[0].payload);
    EXPECT_EQ(told.price, Money::of_units(5));
    EXPECT_EQ(told.currency, "USD");
    EXPECT_EQ(told.delta, 9);
    EXPECT_EQ(told.revision, 1);
    EXPECT_TRUE(effects.events[0].order_id.uuid.is_nil());
    EXPECT_EQ(effects.events[0].metadata.correlation_id, "c-1");
}

TEST_F(CatalogueTest, ChangingAProductLeavesItsStockAndTheSameAgainIsNothing) {
    const ProductWanted wanted{.product_id = "P-1", .name = "x", .price = {}, .low_mark = 5, .initial_stock = 99};
    const auto effects = put_it(wanted);
    EXPECT_EQ(item_->available, 10);
    EXPECT_EQ(item_->name, "x");
    EXPECT_EQ(item_->revision, 4);
    EXPECT_TRUE(effects.ledger.empty());
    EXPECT_EQ(effects.events.size(), 1U);
    const auto again = put_it(wanted);
    EXPECT_TRUE(again.events.empty());
    EXPECT_EQ(item_->revision, 4);
    (void)put_it({.product_id = "P-1", .name = "", .price = {}});
    EXPECT_EQ(item_->name, "") << "what is left out is cleared";
    EXPECT_EQ(item_->low_mark, 0);
}

TEST_F(CatalogueTest, ARaisedMarkThatMakesTheStockLowIsTold) {
    EXPECT_EQ(put_it({.product_id = "P-1", .name = "", .price = {}, .low_mark = 10}).events.size(), 1U);
    const auto effects = put_it({.product_id = "P-1", .name = "", .price = {}, .low_mark = 11});
    ASSERT_EQ(effects.events.size(), 2U);
    EXPECT_EQ(std::get<events::StockLow>(effects.events[1].payload).low_mark, 11);
    EXPECT_EQ(put_it({.product_id = "P-1", .name = "", .price = {}, .low_mark = 12}).events.size(), 1U) << "it was low before";
}

TEST_F(CatalogueTest, StockIsAdjustedByOrTo) {
    struct Case {
        const char* name;
        AdjustmentWanted::Kind kind;
        std::int64_t amount;
        std::int64_t available;
        std::int64_t delta;
        std::size_t movements;
        std::size_t events;
    };
    for (const auto& [name, kind, amount, available, delta, movements, events] : {
             Case{"more", kDelta, 5, 15, 5, 1, 1},
             Case{"all away", kDelta, -10, 0, -10, 1, 2},
             Case{"to a count", kSetTo, 7, 7, -3, 1, 1},
             Case{"to the same count", kSetTo, 10, 10, 0, 0, 1},
             Case{"to nothing", kSetTo, 0, 0, -10, 1, 2},
             Case{"to the most", kSetTo, kMostPieces, kMostPieces, kMostPieces - 10, 1, 1},
         }) {
        SCOPED_TRACE(name);
        item_ = Item{.product_id = "P-1", .available = 10, .reserved = 2, .low_mark = 5, .revision = 3};
        const auto done = adjust_it(kind, amount);
        ASSERT_TRUE(done);
        EXPECT_EQ(item_->available, available);
        EXPECT_EQ(item_->reserved, 2);
        EXPECT_EQ(item_->revision, 4);
        EXPECT_EQ(done->adjustment.delta, delta);
        EXPECT_EQ(done->effects.adjustment, done->adjustment);
        ASSERT_EQ(done->effects.ledger.size(), movements);
        for (const auto& entry : done->effects.ledger) EXPECT_EQ(entry.reason, "counted");
        EXPECT_EQ(done->effects.events.size(), events);
    }
}

TEST_F(CatalogueTest, StockIsNeverNegativeOrBeyondCounting) {
    const auto before = item_;
    const auto short_of = adjust_it(kDelta, -11);
    ASSERT_FALSE(short_of);
    EXPECT_EQ(std::get<NotEnough>(short_of.error()).available, 10);
    EXPECT_TRUE(std::holds_alternative<TooMany>(adjust_it(kDelta, kMostPieces).error()));
    EXPECT_TRUE(std::holds_alternative<TooMany>(adjust_it(kSetTo, kMostPieces + 1).error()));
    EXPECT_EQ(item_, before);
    item_->available = 9'223'372'036'854'775'807;
    EXPECT_TRUE(std::holds_alternative<TooMany>(adjust_it(kDelta, 1).error()));
    item_.reset();
    EXPECT_TRUE(std::holds_alternative<NoSuchProduct>(adjust_it(kDelta, 1).error()));
}

TEST_F(CatalogueTest, AKeyWorksOnce) {
    const auto first = adjust_it(kDelta, 5)->adjustment;
    const auto again = adjust_it(kDelta, 5, first);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->adjustment, first);
    EXPECT_TRUE(again->effects.events.empty() && again->effects.ledger.empty() && !again->effects.adjustment);
    EXPECT_EQ(item_->available, 15);
    EXPECT_TRUE(std::holds_alternative<KeyReused>(adjust_it(kDelta, 6, first).error()));
    EXPECT_TRUE(std::holds_alternative<KeyReused>(adjust_it(kSetTo, 5, first).error()));
    EXPECT_EQ(item_->available, 15);
}

}  // namespace
}  // namespace platform::inventory
