#include "services/order/domain/prices.hpp"

#include "tests/services/order/prices.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace platform::order {
namespace {

std::string told(const std::vector<Fault>& faults) {
    std::string text;
    for (const Fault& fault : faults) text += fault.pointer + " " + fault.message + ";";
    return text;
}

TEST(PriceBookTest, AnOrderIsHeldToTheCatalogue) {
    PriceBook book;
    book.learn(std::array{catalogue_price("P-1001", 1, 1'999'900)});
    EXPECT_EQ(told(book.faults_of(content("P-1001", 3, 1'999'900))), "");
    EXPECT_EQ(told(book.faults_of(content("P-1001", 3, 1'999'899))), "/price P-1001 costs 199.99 EUR;");
    EXPECT_EQ(told(book.faults_of(content("P-1001", 3, 0))), "/price P-1001 costs 199.99 EUR;");
}

TEST(PriceBookTest, EveryLineIsNamed) {
    PriceBook book;
    book.learn(std::array{
        catalogue_price("P-1", 1, 10'000), catalogue_price("P_2", 1, 5'001), catalogue_price("P-3", 1, 1)
    });
    EXPECT_EQ(
        told(book.faults_of(three_lines())), "/items/1/price P_2 costs 0.5001 EUR;/items/2/price P-3 costs 0.0001 EUR;"
    );
}

TEST(PriceBookTest, WhatHasNoPriceIsNotSold) {
    PriceBook book;
    EXPECT_EQ(told(book.faults_of(content("P-9"))), "/productId has no price in the catalogue;");
    book.learn(std::array{catalogue_price("P-9", 1, std::nullopt)});
    EXPECT_EQ(told(book.faults_of(content("P-9"))), "/productId has no price in the catalogue;");
    book.learn(std::array{catalogue_price("P-9", 2, 1'999'900, "USD")});
    EXPECT_EQ(told(book.faults_of(content("P-9"))), "/currency P-9 is sold in USD;");
}

TEST(PriceBookTest, AnOlderRevisionThatComesLateChangesNothing) {
    PriceBook book;
    book.learn(std::array{catalogue_price("P-1", 5, 10'000), catalogue_price("P-1", 4, 20'000)});
    book.learn(std::array{catalogue_price("P-1", 3, 30'000), catalogue_price("P-1", 5, 40'000)});
    EXPECT_TRUE(book.faults_of(content("P-1", 1, 10'000)).empty());
    book.learn(std::array{catalogue_price("P-1", 6, 60'000)});
    EXPECT_TRUE(book.faults_of(content("P-1", 1, 60'000)).empty());
}

TEST(PriceBookTest, IsCompleteOnceItIsSaidToBe) {
    PriceBook book;
    EXPECT_FALSE(book.is_complete());
    book.complete();
    EXPECT_TRUE(book.is_complete());
}

TEST(PriceBookTest, OnlyEventsOfTheCatalogueHavePrices) {
    const auto price = catalogue_price("P-1", 5, 10'000, "USD");
    EXPECT_EQ(price_of(adjusted(price)), price);
    EXPECT_EQ(price_of(leg_event(order_id(1), 1, reserved())), std::nullopt);
}

}  // namespace
}  // namespace platform::order
