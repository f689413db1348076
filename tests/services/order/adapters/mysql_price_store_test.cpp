#include "services/order/adapters/mysql_price_store.hpp"

#include "services/order/migrations/migrations.hpp"
#include "tests/services/order/prices.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace platform::order {
namespace {

class MysqlPriceStoreTest : public testing::Test {
protected:
    /// Whether a book that was filled by `store` lets the product go at this price.
    static bool sells(const PriceBook& book, const std::string& product, std::int64_t units) {
        return book.faults_of(content(product, 1, units)).empty();
    }

    test::ServiceDatabase database_{migrations()};
    MysqlPriceStore store_{database_.pool};
    PriceBook book_;
};

TEST_F(MysqlPriceStoreTest, TheNewestRevisionStaysWhateverComesWhen) {
    ASSERT_TRUE(store_.keep(std::array{catalogue_price("P-1", 5, 10'000), catalogue_price("P-1", 4, 20'000)}));
    ASSERT_TRUE(store_.keep(std::array{catalogue_price("P-1", 3, 30'000, "USD"), catalogue_price("P-2", 1, std::nullopt)}));
    ASSERT_TRUE(store_.refresh(book_));
    EXPECT_TRUE(book_.is_complete());
    EXPECT_TRUE(sells(book_, "P-1", 10'000));
    EXPECT_FALSE(sells(book_, "P-2", 0)) << "it has no price";

    ASSERT_TRUE(store_.keep(std::array{catalogue_price("P-1", 6, 60'000), catalogue_price("P-2", 2, 0)}));
    ASSERT_TRUE(store_.refresh(book_));
    EXPECT_TRUE(sells(book_, "P-1", 60'000));
    EXPECT_TRUE(sells(book_, "P-2", 0));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM catalogue_prices"), 2);
}

TEST_F(MysqlPriceStoreTest, AnotherReplicaFindsWhatThisOneKept) {
    MysqlPriceStore other(database_.pool);
    ASSERT_TRUE(other.refresh(book_));
    EXPECT_FALSE(sells(book_, "P-1", 10'000));
    ASSERT_TRUE(store_.keep(std::array{catalogue_price("P-1", 1, 10'000)}));
    ASSERT_TRUE(other.refresh(book_));
    EXPECT_TRUE(sells(book_, "P-1", 10'000));
}

TEST_F(MysqlPriceStoreTest, ALargeCatalogueIsReadInPages) {
    constexpr int kProducts = 2001;
    std::vector<CataloguePrice> all;
    for (int i = 0; i < kProducts; ++i) all.push_back(catalogue_price("P-" + std::to_string(i), 1, i));
    ASSERT_TRUE(store_.keep(all));
    ASSERT_TRUE(store_.refresh(book_));
    for (int i = 0; i < kProducts; ++i) EXPECT_TRUE(sells(book_, "P-" + std::to_string(i), i)) << i;
}

TEST_F(MysqlPriceStoreTest, WhatDidNotChangeIsNotReadForEver) {
    ASSERT_TRUE(store_.keep(std::array{catalogue_price("P-1", 1, 10'000)}));
    ASSERT_TRUE(store_.refresh(book_));
    database_.execute(mysql::Sql{"UPDATE catalogue_prices SET revision = 2, price = 9, kept_at = NOW(6) - INTERVAL 1 HOUR"});
    ASSERT_TRUE(store_.refresh(book_));
    EXPECT_TRUE(sells(book_, "P-1", 10'000)) << "a row that was kept before the last look was read then";
}

}  // namespace
}  // namespace platform::order
