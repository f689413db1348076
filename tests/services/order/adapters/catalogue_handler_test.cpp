#include "services/order/adapters/catalogue_handler.hpp"

#include "tests/services/order/prices.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace platform::order {
namespace {

class FakePriceStore final : public PriceStore {
public:
    [[nodiscard]] Result<void> keep(std::span<const CataloguePrice> prices) override {
        if (away) return fail(ErrorKind::Unavailable, "the database is away");
        kept.insert(kept.end(), prices.begin(), prices.end());
        return {};
    }
    std::vector<CataloguePrice> kept;
    bool away = false;
};

class NextHandler final : public kafka::BatchHandler {
public:
    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override {
        records += batch.size();
        return {};
    }
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override {
        dead.push_back(record.value + ": " + why.what);
        return {};
    }
    std::size_t records = 0;
    std::vector<std::string> dead;
};

kafka::Record record(std::string value) {
    return {.topic = "inventory.events", .key = "P-1", .value = std::move(value), .headers = {}};
}

class CatalogueHandlerTest : public testing::Test {
protected:
    FakePriceStore store_;
    PriceBook book_;
    NextHandler next_;
    CatalogueHandler handler_{store_, book_, next_};
};

TEST_F(CatalogueHandlerTest, PricesAreKeptAndEveryRecordGoesOn) {
    const auto price = catalogue_price("P-1", 2, 10'000);
    const std::array batch{
        record(events::encode(adjusted(price))),
        record(events::encode(leg_event(order_id(1), 2, reserved()))),
        record("not an event, though it says INVENTORY_ADJUSTED"),
    };
    ASSERT_TRUE(handler_.apply(batch));
    EXPECT_EQ(store_.kept, std::vector{price});
    EXPECT_TRUE(book_.faults_of(content("P-1", 1, 10'000)).empty());
    EXPECT_EQ(next_.records, batch.size());
}

TEST_F(CatalogueHandlerTest, ABatchWithoutPricesDoesNotTouchTheStore) {
    store_.away = true;
    const std::array batch{record(events::encode(leg_event(order_id(1), 2, reserved())))};
    EXPECT_TRUE(handler_.apply(batch));
}

TEST_F(CatalogueHandlerTest, WhatCannotBeKeptIsTriedAgainBeforeAnythingIsApplied) {
    store_.away = true;
    const std::array batch{record(events::encode(adjusted(catalogue_price("P-1", 2, 10'000))))};
    const auto done = handler_.apply(batch);
    ASSERT_FALSE(done);
    EXPECT_TRUE(retryable(done.error().kind));
    EXPECT_EQ(next_.records, 0U);
    EXPECT_FALSE(book_.faults_of(content("P-1", 1, 10'000)).empty()) << "nobody relies on what is not kept";
}

TEST_F(CatalogueHandlerTest, DeadLettersAreTheNextOnesBusiness) {
    ASSERT_TRUE(handler_.dead_letter(record("x"), {.kind = ErrorKind::Invalid, .what = "why"}));
    EXPECT_EQ(next_.dead, std::vector<std::string>{"x: why"});
}

}  // namespace
}  // namespace platform::order
