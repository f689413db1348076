#include "services/order/domain/committer.hpp"

#include "tests/services/order/fake_order_store.hpp"
#include "tests/services/order/orders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

const Error kLost{
    .kind = ErrorKind::Unavailable,
    .what = "connection lost during COMMIT",
    .outcome_unknown = true
};
const Error kDown{.kind = ErrorKind::Unavailable, .what = "connection refused"};

class CommitterTest : public testing::Test {
protected:
    /// Queues a request; its answer will stand in answers_[request].
    void request(const std::string& name, NewOrder order) {
        Job job{.order = std::move(order), .answer = [this, name](const PlaceAnswer& answer) {
                    EXPECT_TRUE(answers_.emplace(name, answer).second) << name << " is answered twice";
                }};
        ASSERT_TRUE(queue_.push(job));
    }
    void commit() {
        while (committer_.step(clock_.now()) == Duration::zero()) {
        }
    }
    const PlaceAnswer& answer(const std::string& name) {
        EXPECT_TRUE(answers_.contains(name)) << name << " is not answered";
        return answers_.at(name);
    }

    FakeClock clock_;
    metrics::Registry registry_{"test"};
    AcceptQueue queue_{{}, clock_};
    FakeOrderStore store_;
    Committer committer_{{.batch = 4}, queue_, store_, clock_, registry_};
    std::map<std::string, PlaceAnswer> answers_;
};

TEST_F(CommitterTest, StoresAllThatIsQueuedInOneInsert) {
    for (int i = 1; i <= 6; ++i) request(std::to_string(i), to_place(i));
    commit();
    ASSERT_EQ(store_.inserts.size(), 2U);
    EXPECT_EQ(store_.inserts[0].size(), 4U);
    EXPECT_EQ(store_.inserts[1].size(), 2U);
    for (int i = 1; i <= 6; ++i) {
        ASSERT_TRUE(answer(std::to_string(i)));
        EXPECT_EQ(answer(std::to_string(i))->id, order_id(i));
        EXPECT_FALSE(answer(std::to_string(i))->replayed);
    }
    EXPECT_EQ(store_.emitted.size(), 6U);
}

TEST_F(CommitterTest, WaitsWhenThereIsNothing) {
    EXPECT_GT(committer_.step(clock_.now()), 1min);
}

TEST_F(CommitterTest, TheSameRequestTwiceIsOneOrder) {
    request("first", to_place(1));
    request("twin", to_place(1));
    commit();
    request("later", to_place(1));
    commit();
    EXPECT_EQ(store_.orders.size(), 1U);
    EXPECT_EQ(store_.emitted.size(), 1U);
    EXPECT_FALSE(answer("first")->replayed);
    for (const char* name : {"twin", "later"}) {
        ASSERT_TRUE(answer(name)) << name;
        EXPECT_EQ(answer(name)->id, order_id(1));
        EXPECT_TRUE(answer(name)->replayed);
    }
}

TEST_F(CommitterTest, ARepeatedIdInABatchDoesNotHarmTheOthers) {
    request("old", to_place(1));
    commit();
    request("repeated", to_place(1));
    request("new", to_place(2));
    commit();
    EXPECT_TRUE(answer("repeated")->replayed);
    EXPECT_FALSE(answer("new")->replayed);
    EXPECT_EQ(store_.orders.size(), 2U);
}

TEST_F(CommitterTest, TheSameIdWithOtherContentIsRefused) {
    request("first", to_place(1));
    request("other", to_place(1, content("P-2")));
    commit();
    EXPECT_TRUE(answer("first"));
    ASSERT_FALSE(answer("other"));
    EXPECT_EQ(answer("other").error(), Refused::IdReused);
}

TEST_F(CommitterTest, AKeyPlacesOneOrderForAllItsRequests) {
    request("first", to_place(1, content(), "key"));
    request("same batch", to_place(2, content(), "key"));
    commit();
    request("later", to_place(3, content(), "key"));
    request("other body", to_place(4, content("P-2"), "key"));
    request("other key", to_place(5, content(), "key 2"));
    commit();
    EXPECT_FALSE(answer("first")->replayed);
    for (const char* name : {"same batch", "later"}) {
        ASSERT_TRUE(answer(name)) << name;
        EXPECT_EQ(answer(name)->id, order_id(1));
        EXPECT_TRUE(answer(name)->replayed);
    }
    ASSERT_FALSE(answer("other body"));
    EXPECT_EQ(answer("other body").error(), Refused::KeyReused);
    EXPECT_EQ(answer("other key")->id, order_id(5));
    EXPECT_EQ(store_.orders.size(), 2U);
}

TEST_F(CommitterTest, KeyedAndPlainOrdersNeverShareAnInsert) {
    for (int i = 1; i <= 8; ++i)
        request(std::to_string(i), to_place(i, content(), i % 2 == 0 ? "k" + std::to_string(i) : ""));
    commit();
    ASSERT_FALSE(store_.inserts.empty());
    for (const auto& batch : store_.inserts) {
        const bool keyed = batch.front().key.has_value();
        EXPECT_TRUE(std::ranges::all_of(batch, [&](const NewOrder& one) {
            return one.key.has_value() == keyed;
        }));
    }
    EXPECT_EQ(store_.orders.size(), 8U);
}

TEST_F(CommitterTest, AnUnknownCommitThatHappenedIsAnsweredWithTheSameOrders) {
    store_.troubles.push_back({.error = kLost, .stored_all_the_same = true});
    request("a", to_place(1));
    request("b", to_place(2));
    commit();
    for (const char* name : {"a", "b"}) ASSERT_TRUE(answer(name)) << name;
    EXPECT_EQ(answer("a")->id, order_id(1));
    EXPECT_EQ(store_.orders.size(), 2U);
    EXPECT_EQ(store_.emitted.size(), 2U);
}

TEST_F(CommitterTest, AnUnknownCommitThatDidNotHappenIsRepeatedWithTheSameIds) {
    store_.troubles.push_back({.error = kLost, .stored_all_the_same = false});
    request("a", to_place(1));
    commit();
    ASSERT_TRUE(answer("a"));
    ASSERT_EQ(store_.inserts.size(), 2U);
    EXPECT_EQ(store_.inserts[0][0].order.id, store_.inserts[1][0].order.id);
    EXPECT_EQ(store_.orders.size(), 1U);
}

TEST_F(CommitterTest, AnUnknownCommitWithADeadDatabaseIsSaidToBeUnknown) {
    store_.troubles.push_back({.error = kLost, .stored_all_the_same = true});
    store_.unreadable = true;
    request("a", to_place(1));
    commit();
    ASSERT_FALSE(answer("a"));
    EXPECT_EQ(answer("a").error(), Refused::OutcomeUnknown);
}

TEST_F(CommitterTest, ATransientFailureIsTriedAgain) {
    store_.troubles.push_back({.error = {.kind = ErrorKind::Unavailable, .what = "deadlock"}});
    request("a", to_place(1));
    commit();
    EXPECT_TRUE(answer("a"));
}

TEST_F(CommitterTest, WithoutADatabaseNothingIsStoredAndTheClientIsTold) {
    for (int i = 0; i < 10; ++i) store_.troubles.push_back({.error = kDown});
    store_.unreadable = true;
    request("a", to_place(1));
    request("b", to_place(2, content(), "key"));
    commit();
    EXPECT_EQ(answer("a").error(), Refused::Unavailable);
    EXPECT_EQ(answer("b").error(), Refused::Unavailable);
    EXPECT_TRUE(store_.orders.empty());
}

TEST_F(CommitterTest, AFaultOfOursIsNotTriedAgain) {
    store_.troubles.push_back({.error = {.kind = ErrorKind::Internal, .what = "no such column"}});
    request("a", to_place(1));
    commit();
    EXPECT_EQ(answer("a").error(), Refused::Failed);
    EXPECT_EQ(store_.inserts.size(), 1U);
}

TEST_F(CommitterTest, AKeyThatAnotherTransactionHoldsIsInProgressAfterASecond) {
    store_.before_insert = [this] { clock_.advance(1s); };  // the lock wait
    for (int i = 0; i < 10; ++i)
        store_.troubles.push_back({.error = {.kind = ErrorKind::Unavailable, .what = "lock wait"}});
    request("a", to_place(1, content(), "key"));
    const Instant begin = clock_.now();
    commit();
    ASSERT_FALSE(answer("a"));
    EXPECT_EQ(answer("a").error(), Refused::InProgress);
    EXPECT_LE(clock_.now() - begin, 1s);
}

}  // namespace
}  // namespace platform::order
