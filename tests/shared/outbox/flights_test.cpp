#include "shared/outbox/flights.hpp"

#include <gtest/gtest.h>

namespace platform::outbox {
namespace {

const Uuid kRow = Uuid::of_name("row");
const Uuid kA = Uuid::of_name("a");
const Uuid kB = Uuid::of_name("b");

TEST(Flights, ARowIsSettledByItsLastRecord) {
    Flights flights;
    const auto slot = flights.open(kRow, 3, 2);
    const auto a = flights.add(slot, kA);
    const auto b = flights.add(slot, kB);
    EXPECT_EQ(flights.in_flight(), 2U);
    const auto first = flights.land(b, {});
    EXPECT_TRUE(first.known);
    EXPECT_FALSE(first.settled.has_value());
    const auto last = flights.land(a, {});
    ASSERT_TRUE(last.settled.has_value());
    EXPECT_EQ(last.settled->row, kRow);
    EXPECT_EQ(last.settled->attempts, 3);
    EXPECT_FALSE(last.settled->dropped);
    EXPECT_TRUE(last.settled->failed.empty());
    EXPECT_EQ(flights.in_flight(), 0U);
}

TEST(Flights, AFateCountsOnce) {
    Flights flights;
    const auto slot = flights.open(kRow, 0, 2);
    const auto a = flights.add(slot, kA);
    EXPECT_TRUE(flights.land(a, {}).known);
    EXPECT_FALSE(flights.land(a, {}).known);
    EXPECT_FALSE(flights.land(99, {}).known);
}

TEST(Flights, NamesTheRecordsThatFailed) {
    Flights flights;
    const auto slot = flights.open(kRow, 0, 2);
    const auto a = flights.add(slot, kA);
    const auto b = flights.add(slot, kB);
    EXPECT_FALSE(flights.land(a, fail(ErrorKind::Timeout, "late")).settled.has_value());
    const auto settled = flights.land(b, {}).settled;
    ASSERT_TRUE(settled.has_value());
    EXPECT_EQ(settled->failed, std::vector{kA});
    EXPECT_FALSE(settled->all_failed);
    EXPECT_EQ(settled->error->what, "late");
}

TEST(Flights, ARetryableErrorWins) {
    for (const bool retryable_first : {true, false}) {
        Flights flights;
        const auto slot = flights.open(kRow, 0, 2);
        const auto a = flights.add(slot, kA);
        const auto b = flights.add(slot, kB);
        (void)flights.land(retryable_first ? a : b, fail(ErrorKind::Unavailable, "soon"));
        const auto settled = flights.land(retryable_first ? b : a, fail(ErrorKind::Invalid, "never")).settled;
        ASSERT_TRUE(settled.has_value());
        EXPECT_TRUE(settled->all_failed);
        EXPECT_EQ(settled->error->what, "soon");
    }
}

TEST(Flights, ADroppedRecordIsToldWithItsRow) {
    Flights flights;
    const auto slot = flights.open(kRow, 0, 2);
    const auto a = flights.add(slot, kA);
    EXPECT_FALSE(flights.drop(slot).has_value());
    const auto settled = flights.land(a, {}).settled;
    ASSERT_TRUE(settled.has_value());
    EXPECT_TRUE(settled->dropped);
}

TEST(Flights, ARefusedRecordIsStillOpen) {
    Flights flights;
    const auto slot = flights.open(kRow, 0, 1);
    flights.undo(flights.add(slot, kA));
    EXPECT_EQ(flights.in_flight(), 0U);
    EXPECT_TRUE(flights.land(flights.add(slot, kA), {}).settled.has_value());
}

TEST(Flights, PlacesAreUsedAgain) {
    Flights flights;
    const auto first = flights.open(kRow, 0, 1);
    const auto token = flights.add(first, kA);
    (void)flights.land(token, fail(ErrorKind::Timeout, "late"));
    const auto second = flights.open(kB, 1, 1);
    EXPECT_EQ(second, first);
    const auto again = flights.add(second, kB);
    EXPECT_EQ(again, token);
    const auto settled = flights.land(again, {}).settled;
    ASSERT_TRUE(settled.has_value());
    EXPECT_EQ(settled->row, kB);
    EXPECT_TRUE(settled->failed.empty()) << "nothing is left of the row before";
}

}  // namespace
}  // namespace platform::outbox
