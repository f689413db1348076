#include "services/inventory/adapters/reservation_rows.hpp"

#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/inventory/order_events.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>
#include <string>

namespace platform::inventory {
namespace {

Reservation reservation(const std::string& name, State state, std::vector<events::Line> lines = {}) {
    return {
        .order_id = order_named(name),
        .state = state,
        .product_id = "P-1",
        .quantity = 2,
        .failure_code = state == State::Failed ? std::optional(events::FailureCode::OutOfStock) : std::nullopt,
        .correlation_id = "c",
        .lines = std::move(lines),
    };
}

class ReservationRowsTest : public testing::Test {
protected:
    Reservations stored(const std::set<OrderId>& orders) { return lock_reservations(*session_, orders).value(); }

    test::ServiceDatabase database_{migrations()};
    mysql::Pool::Lease session_ = database_.pool.acquire().value();
};

TEST_F(ReservationRowsTest, ReadBackWithTheirLinesAsTheyWereStored) {
    const auto several = reservation("several", State::Reserved, {{"P-1", 2}, {"P-2", 3'000'000'000}});
    const auto single = reservation("single", State::Reserved);
    const auto failed = reservation("failed", State::Failed);
    ASSERT_TRUE(add_reservations(*session_, {&several, &single, &failed}));
    const auto read = stored({several.order_id, single.order_id, failed.order_id, order_named("nobody")});
    EXPECT_EQ(read.at(several.order_id), several);
    EXPECT_EQ(read.at(single.order_id), single);
    EXPECT_EQ(read.at(failed.order_id), failed);
    EXPECT_EQ(read.at(order_named("nobody")), std::nullopt);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM reservation_lines"), 2) << "a single product costs no line";
    EXPECT_TRUE(stored({}).empty());
}

TEST_F(ReservationRowsTest, OnlyTheStateChanges) {
    auto one = reservation("one", State::Reserved, {{"P-1", 2}, {"P-2", 1}});
    auto two = reservation("two", State::Reserved);
    const auto other = reservation("other", State::Reserved);
    ASSERT_TRUE(add_reservations(*session_, {&one, &two, &other}));
    one.state = State::Consumed;
    two.state = State::Released;
    ASSERT_TRUE(update_reservations(*session_, {&one, &two}));
    ASSERT_TRUE(update_reservations(*session_, {}));
    const auto read = stored({one.order_id, two.order_id, other.order_id});
    EXPECT_EQ(read.at(one.order_id), one);
    EXPECT_EQ(read.at(two.order_id), two);
    EXPECT_EQ(read.at(other.order_id), other);
}

TEST_F(ReservationRowsTest, OneThatExistsIsNotWrittenOver) {
    const auto first = reservation("one", State::Reserved);
    const auto tombstone = reservation("one", State::Released);
    ASSERT_TRUE(add_reservations(*session_, {&first}));
    const auto done = add_reservations(*session_, {&tombstone});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Unavailable) << "so that the batch is tried again";
    EXPECT_EQ(stored({first.order_id}).at(first.order_id), first);
}

}  // namespace
}  // namespace platform::inventory
