#include "services/notification/domain/sender.hpp"

#include "tests/services/notification/fake_message_store.hpp"
#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

#include <expected>
#include <functional>
#include <map>
#include <optional>

namespace platform::notification {
namespace {

using namespace std::chrono_literals;

class FakeTransport final : public Transport {
public:
    std::expected<void, Obstacle> send(const Message& message) override {
        ++sent[message.message_id];
        if (meanwhile) meanwhile();
        if (error) return std::unexpected(Obstacle{.error = {.kind = *error, .what = "refused on purpose"}, .for_all = for_all});
        return {};
    }
    std::optional<ErrorKind> error;
    bool for_all = false;
    std::function<void()> meanwhile;
    std::map<std::string, int> sent;
};

class SenderTest : public testing::Test {
protected:
    /// Stores messages as the handler does, and hands over those that are new.
    void receive(const std::vector<std::string>& names) {
        std::vector<Message> messages;
        for (const auto& name : names) messages.push_back(message_for(name));
        const Instant until = sender_.hold();
        auto added = store_.add(messages, sender_.lease(), {}).value();
        pass(stop_);
        sender_.hand_over(std::move(added), until);
    }
    /// Both clocks go on: that of the process and that of the store.
    void pass(Duration time) {
        clock_.advance(time);
        store_.pass(time);
    }
    void run() {
        while (sender_.step(clock_.now()) == 0ns) continue;
    }
    std::string state(const std::string& name) { return store_.find(order_named(name)).value().at(0).state; }

    FakeClock clock_;
    Duration stop_{0};  // of the process, between the transaction that stores and the handing over
    UuidGenerator ids_{clock_, 3};
    metrics::Registry registry_{"test"};
    FakeMessageStore store_;
    FakeTransport transport_;
    Announcer announcer_{{}, clock_, ids_, registry_};
    Sender sender_{
        {.max_queue = 3, .lease = 60s, .slice = 2s, .max_attempts = 2},
        store_,
        transport_,
        announcer_,
        clock_,
        registry_
    };
};

TEST_F(SenderTest, WhatIsHandedOverIsSentMarkedAndTold) {
    receive({"a", "b"});
    EXPECT_EQ(sender_.step(clock_.now()), 0ns);
    EXPECT_EQ(state("a"), "SENT");
    EXPECT_EQ(state("b"), "SENT");
    ASSERT_EQ(store_.emitted.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<events::NotificationSent>(store_.emitted[0].payload));
    EXPECT_EQ(store_.emitted[0].metadata.correlation_id, "correlation-1");
}

TEST_F(SenderTest, AFullQueueLeavesTheRestToTheSweep) {
    receive({"a", "b", "c", "d"});
    run();
    EXPECT_EQ(transport_.sent.size(), 3U);
    pass(61s);
    run();
    EXPECT_EQ(transport_.sent, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}));
}

TEST_F(SenderTest, ADeadServerPutsOffAndGivesUpAfterTheLastAttempt) {
    transport_.error = ErrorKind::Unavailable;
    receive({"a"});
    run();
    EXPECT_EQ(state("a"), "PENDING");
    EXPECT_TRUE(store_.emitted.empty());
    pass(60s);
    run();
    EXPECT_EQ(state("a"), "FAILED");
    EXPECT_EQ(transport_.sent["a"], 2);
    ASSERT_EQ(store_.emitted.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<events::NotificationFailed>(store_.emitted[0].payload));
}

TEST_F(SenderTest, AServerThatComesBackGetsEverything) {
    transport_.error = ErrorKind::Timeout;
    receive({"a", "b"});
    run();
    transport_.error.reset();
    pass(60s);
    run();
    EXPECT_EQ(state("a"), "SENT");
    EXPECT_EQ(state("b"), "SENT");
}

TEST_F(SenderTest, AMessageThatCanNeverBeSentIsGivenUpAtOnce) {
    transport_.error = ErrorKind::Invalid;
    receive({"a"});
    run();
    EXPECT_EQ(state("a"), "FAILED");
    EXPECT_EQ(store_.emitted.size(), 1U);
}

TEST_F(SenderTest, AStoreThatIsAwayLosesNothing) {
    receive({"a"});
    store_.broken = true;
    run();
    EXPECT_EQ(transport_.sent["a"], 1);
    EXPECT_EQ(state("a"), "PENDING");
    store_.broken = false;
    pass(61s);
    run();
    EXPECT_EQ(state("a"), "SENT");
    EXPECT_EQ(transport_.sent["a"], 2) << "with the same message id, by which the sink knows it";
}

TEST_F(SenderTest, TheSweepWaitsForItsInterval) {
    (void)sender_.step(clock_.now());
    (void)store_.add(std::vector{message_for("a")}, 0s, {});
    EXPECT_GT(sender_.step(clock_.now()), 0ns);
    EXPECT_TRUE(transport_.sent.empty());
    pass(2s);
    run();
    EXPECT_EQ(state("a"), "SENT");
}

TEST_F(SenderTest, WhatWaitedForHalfItsLeaseIsLeftToTheSweep) {
    // Otherwise a slow server lets another process take over, and send, what this one still has in its queue.
    receive({"a"});
    pass(31s);
    run();
    EXPECT_TRUE(transport_.sent.empty());
    EXPECT_EQ(state("a"), "PENDING");
    pass(30s);
    run();
    EXPECT_EQ(transport_.sent["a"], 1);
    EXPECT_EQ(state("a"), "SENT");
}

TEST_F(SenderTest, AProcessThatStoodStillBeforeItHandedOverLeavesItToTheSweep) {
    stop_ = sender_.lease() / 2;
    receive({"a"});
    run();
    EXPECT_TRUE(transport_.sent.empty()) << "its lease may end, and somebody else send it, before this process is through";
    pass(sender_.lease());
    run();
    EXPECT_EQ(transport_.sent["a"], 1);
}

TEST_F(SenderTest, AStepWithASlowServerEndsAndTheNextOneGoesOn) {
    transport_.meanwhile = [&] { pass(1500ms); };
    receive({"a", "b", "c"});
    EXPECT_EQ(sender_.step(clock_.now()), 0ns);
    EXPECT_EQ(transport_.sent.size(), 2U);
    EXPECT_EQ(state("b"), "SENT") << "marked before the next ones are tried";
    run();
    EXPECT_EQ(transport_.sent, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}}));
}

TEST_F(SenderTest, WhileTheWayIsBlockedOneMessageAtATimeTriesIt) {
    transport_.error = ErrorKind::Timeout;
    transport_.for_all = true;
    receive({"a", "b", "c"});
    const Duration pause = sender_.step(clock_.now());
    EXPECT_EQ(pause, 0ns);
    EXPECT_EQ(transport_.sent, (std::map<std::string, int>{{"a", 1}})) << "the others would only wait for the same time out";
    const Duration wait = sender_.step(clock_.now());
    EXPECT_GT(wait, 0ns);
    EXPECT_LE(wait, 1s);
    EXPECT_EQ(transport_.sent.size(), 1U);
    transport_.error.reset();
    pass(1s);
    run();
    EXPECT_EQ(transport_.sent, (std::map<std::string, int>{{"a", 2}, {"b", 1}, {"c", 1}}));
    for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(state(name), "SENT") << name;
}

TEST_F(SenderTest, NoMessageIsGivenUpForABlockedWay) {
    transport_.error = ErrorKind::Unavailable;
    transport_.for_all = true;
    receive({"a"});
    for (int i = 0; i < 50; ++i) {
        run();
        pass(20s);
    }
    EXPECT_GT(transport_.sent["a"], 20) << "more than the attempts of a refused message";
    EXPECT_EQ(state("a"), "PENDING");
    transport_.error.reset();
    run();
    EXPECT_EQ(state("a"), "SENT");
}

TEST_F(SenderTest, WhatADeadPredecessorHeldIsSentAtOnce) {
    (void)store_.add(std::vector{message_for("a")}, 60s, {});
    store_.die();
    run();
    EXPECT_EQ(state("a"), "SENT");
}

TEST_F(SenderTest, WhatIsReleasedCanBeSentByAnotherAtOnce) {
    receive({"a", "b"});
    sender_.release();
    EXPECT_EQ(store_.take_due(10, 60s)->size(), 2U);
    run();
    EXPECT_TRUE(transport_.sent.empty());
}

}  // namespace
}  // namespace platform::notification
