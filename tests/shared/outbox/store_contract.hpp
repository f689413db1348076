#pragma once
#include "shared/core/uuid.hpp"
#include "shared/outbox/outbox.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

/// What every OutboxStore does, the fake one and the real one alike. `Driver` gives store(), insert(rows, claim) and pass(time): the time of the store's clock passes.
namespace platform::outbox {

inline OutboxRow row_named(const std::string& name, const std::string& topic = "order.events") {
    return {
        .id = Uuid::of_name(name),
        .record = {.topic = topic, .key = "key of " + name, .value = "value of " + name, .headers = {{"ce_id", name}}}
    };
}

inline std::set<std::string> values_of(const std::vector<OutboxRow>& rows) {
    std::set<std::string> values;
    for (const OutboxRow& row : rows) values.insert(row.record.value);
    return values;
}

template <class Driver>
class OutboxStoreContract : public testing::Test {
protected:
    static constexpr Duration kLease = std::chrono::seconds(60);

    void insert(const std::vector<std::string>& names, const Claim& claim) {
        std::vector<OutboxRow> rows;
        for (const std::string& name : names) rows.push_back(row_named(name));
        driver_.insert(rows, claim);
    }
    /// Takes over what has expired and gives the values.
    std::set<std::string> claim(const Claim& claim, std::size_t limit = 100) {
        auto rows = driver_.store().claim_expired(limit, claim);
        EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().what);
        return rows ? values_of(*rows) : std::set<std::string>{};
    }

    Driver driver_;
    Claim mine_{.owner = "me", .lease = kLease};
    Claim other_{.owner = "other", .lease = kLease};
};
TYPED_TEST_SUITE_P(OutboxStoreContract);

TYPED_TEST_P(OutboxStoreContract, RowsBelongToTheirOwnerUntilTheLeaseEnds) {
    this->insert({"a", "b"}, this->mine_);
    EXPECT_EQ(this->claim(this->other_), std::set<std::string>{});
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    EXPECT_EQ(this->claim(this->other_), (std::set<std::string>{"value of a", "value of b"}));
    EXPECT_EQ(this->claim(this->mine_), std::set<std::string>{}) << "now they are the other's";
}

TYPED_TEST_P(OutboxStoreContract, ARowComesBackAsItWasStored) {
    OutboxRow row = row_named("a");
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    row.record.key = bytes;
    row.record.value = "{\"quote\":\"'\"}" + bytes;
    row.record.headers = {{"ce_id", "1"}, {"empty", ""}, {"ce_id", "again"}, {"bytes", bytes}};
    this->driver_.insert(std::vector{row}, this->mine_);
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    auto rows = this->driver_.store().claim_expired(10, this->other_);
    ASSERT_TRUE(rows.has_value() && rows->size() == 1);
    EXPECT_EQ(rows->front().id, row.id);
    EXPECT_EQ(rows->front().record.topic, row.record.topic);
    EXPECT_EQ(rows->front().record.key, row.record.key);
    EXPECT_EQ(rows->front().record.value, row.record.value);
    EXPECT_EQ(rows->front().record.headers, row.record.headers);
    EXPECT_EQ(rows->front().attempts, 0);
}

TYPED_TEST_P(OutboxStoreContract, APageHasAtMostTheRowsThatWereAskedFor) {
    this->insert({"a", "b", "c"}, this->mine_);
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    std::set<std::string> all = this->claim(this->other_, 2);
    EXPECT_EQ(all.size(), 2U);
    all.merge(this->claim(this->other_, 2));
    EXPECT_EQ(all.size(), 3U) << "the second page has what the first one left";
}

TYPED_TEST_P(OutboxStoreContract, RemovedRowsAreGone) {
    this->insert({"a", "b", "c"}, this->mine_);
    ASSERT_TRUE(this->driver_.store().remove(std::vector{Uuid::of_name("a"), Uuid::of_name("c"), Uuid::of_name("none")}));
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    EXPECT_EQ(this->claim(this->other_), std::set<std::string>{"value of b"});
    EXPECT_TRUE(this->driver_.store().remove({}).has_value());
}

TYPED_TEST_P(OutboxStoreContract, EachFailedRowWaitsForItsOwnTime) {
    this->insert({"a", "b", "c"}, this->mine_);
    const std::vector<Setback> setbacks{
        {.id = Uuid::of_name("a"), .pause = std::chrono::seconds(5), .why = "broken 'pipe'\n"},
        {.id = Uuid::of_name("b"), .pause = std::chrono::seconds(20), .why = std::string(2000, 'x')},
        {.id = Uuid::of_name("gone"), .pause = std::chrono::seconds(1), .why = ""}
    };
    ASSERT_TRUE(this->driver_.store().back_off(setbacks).has_value());
    EXPECT_EQ(this->claim(this->other_), std::set<std::string>{});
    this->driver_.pass(std::chrono::seconds(10));
    auto first = this->driver_.store().claim_expired(10, this->other_);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(values_of(*first), std::set<std::string>{"value of a"});
    EXPECT_EQ(first->front().attempts, 1);
    this->driver_.pass(std::chrono::seconds(11));
    EXPECT_EQ(this->claim(this->mine_), std::set<std::string>{"value of b"});
}

TYPED_TEST_P(OutboxStoreContract, ABundleIsClaimedAndRemovedAsOne) {
    std::vector<OutboxRow> rows{row_named("a"), row_named("b", "payment.events"), row_named("c")};
    bundle(rows);
    this->driver_.insert(rows, this->mine_);
    this->insert({"d"}, this->mine_);
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    auto claimed = this->driver_.store().claim_expired(10, this->other_);
    ASSERT_TRUE(claimed.has_value() && claimed->size() == 4U);
    const auto first = std::ranges::find(*claimed, Uuid::of_name("a"), &OutboxRow::id);
    ASSERT_LE(first - claimed->begin(), 1) << "its records are neighbours";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const OutboxRow& back = *(first + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(back.id, rows[i].id);
        EXPECT_EQ(back.key(), rows[0].id);
        EXPECT_EQ(back.record.topic, rows[i].record.topic);
        EXPECT_EQ(back.record.value, rows[i].record.value);
        EXPECT_EQ(back.record.headers, rows[i].record.headers);
    }
    ASSERT_TRUE(this->driver_.store().remove(std::vector{rows[0].id}).has_value());
    this->driver_.pass(this->kLease + std::chrono::seconds(1));
    EXPECT_EQ(this->claim(this->mine_), std::set<std::string>{"value of d"});
}

TYPED_TEST_P(OutboxStoreContract, ABundleThatWaitsAsAWholeCountsOneAttempt) {
    std::vector<OutboxRow> rows{row_named("a"), row_named("b")};
    bundle(rows);
    this->driver_.insert(rows, this->mine_);
    ASSERT_TRUE(this->driver_.store()
                    .back_off(std::vector<Setback>{{.id = rows[0].id, .pause = std::chrono::seconds(5), .why = "down"}})
                    .has_value());
    this->driver_.pass(std::chrono::seconds(6));
    auto claimed = this->driver_.store().claim_expired(10, this->other_);
    ASSERT_TRUE(claimed.has_value() && claimed->size() == 2U);
    for (const OutboxRow& row : *claimed) {
        EXPECT_EQ(row.attempts, 1);
        EXPECT_EQ(row.key(), rows[0].id);
    }
}

TYPED_TEST_P(OutboxStoreContract, OfABundleThatFailedInPartOnlyTheRestStays) {
    std::vector<OutboxRow> rows{row_named("a"), row_named("b"), row_named("c"), row_named("d")};
    bundle(rows);
    this->driver_.insert(rows, this->mine_);
    const std::vector<Setback> setbacks{
        {.id = rows[0].id,
         .pause = std::chrono::seconds(5),
         .why = "too large",
         .only = {rows[1].id, rows[3].id, Uuid::of_name("none")}},
        {.id = Uuid::of_name("gone"), .pause = std::chrono::seconds(5), .why = "", .only = {rows[0].id}}
    };
    ASSERT_TRUE(this->driver_.store().back_off(setbacks).has_value());
    EXPECT_EQ(this->claim(this->other_), std::set<std::string>{}) << "they wait";
    this->driver_.pass(std::chrono::seconds(6));
    auto claimed = this->driver_.store().claim_expired(10, this->other_);
    ASSERT_TRUE(claimed.has_value());
    EXPECT_EQ(values_of(*claimed), (std::set<std::string>{"value of b", "value of d"}));
    for (const OutboxRow& row : *claimed) {
        EXPECT_EQ(row.attempts, 1);
        EXPECT_EQ(row.key(), row.id) << "a row of its own";
    }
}

TYPED_TEST_P(OutboxStoreContract, ReleaseGivesUpTheClaimsOfOneOwner) {
    this->insert({"a"}, this->mine_);
    this->insert({"b"}, this->other_);
    this->insert({"c"}, this->mine_);
    ASSERT_TRUE(
        this->driver_.store().back_off(
            std::vector<Setback>{{.id = Uuid::of_name("c"), .pause = std::chrono::seconds(30), .why = ""}}
        )
    );
    ASSERT_TRUE(this->driver_.store().release("me").has_value());
    this->driver_.pass(std::chrono::seconds(1));
    EXPECT_EQ(this->claim({.owner = "third", .lease = this->kLease}), std::set<std::string>{"value of a"})
        << "b is another's, c waits for its time";
}

TYPED_TEST_P(OutboxStoreContract, DepthCountsRowsAndTheAgeOfTheOldest) {
    auto depth = this->driver_.store().depth();
    ASSERT_TRUE(depth.has_value());
    EXPECT_EQ(depth->rows, 0);
    EXPECT_EQ(depth->oldest, Duration{0});
    this->insert({"a"}, this->mine_);
    this->driver_.pass(std::chrono::seconds(30));
    this->insert({"b"}, this->mine_);
    depth = this->driver_.store().depth();
    ASSERT_TRUE(depth.has_value());
    EXPECT_EQ(depth->rows, 2);
    EXPECT_GE(depth->oldest, std::chrono::seconds(30));
    EXPECT_LT(depth->oldest, std::chrono::seconds(60));
}

REGISTER_TYPED_TEST_SUITE_P(
    OutboxStoreContract,
    RowsBelongToTheirOwnerUntilTheLeaseEnds,
    ARowComesBackAsItWasStored,
    APageHasAtMostTheRowsThatWereAskedFor,
    RemovedRowsAreGone,
    EachFailedRowWaitsForItsOwnTime,
    ABundleIsClaimedAndRemovedAsOne,
    ABundleThatWaitsAsAWholeCountsOneAttempt,
    OfABundleThatFailedInPartOnlyTheRestStays,
    ReleaseGivesUpTheClaimsOfOneOwner,
    DepthCountsRowsAndTheAgeOfTheOldest
);

}  // namespace platform::outbox
