#include "services/notification/domain/sender.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace platform::notification {
namespace {

using namespace std::chrono_literals;

class FakeStore final : public MessageStore {
public:
    Result<std::vector<Message>> add(std::span<const Request> /*requests*/, Duration /*lease*/) override {
        return std::vector<Message>{};
    }
    Result<void> sent(std::span<const Message> messages, std::span<const events::Event> events) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        for (const auto& message : messages) marked.insert(message.message_id);
        told += events.size();
        return {};
    }
    Result<void> failed(
        const Message& message, Duration pause, bool give_up, std::span<const events::Event> events
    ) override {
        (give_up ? given_up : put_off)[message.message_id] = pause;
        told += events.size();
        return {};
    }
    Result<std::vector<Message>> take_due(std::size_t /*limit*/, Duration /*lease*/) override {
        return std::exchange(due, {});
    }
    Result<std::vector<Stored>> find(const OrderId& /*order*/) override { return std::vector<Stored>{}; }

    std::set<std::string> marked;
    std::map<std::string, Duration> put_off;
    std::map<std::string, Duration> given_up;
    std::vector<Message> due;
    std::size_t told = 0;
    bool broken = false;
};

class FakeTransport final : public Transport {
public:
    Result<void> send(const Message& message) override {
        ++sent[message.message_id];
        if (error) return fail(*error, "refused on purpose");
        return {};
    }
    std::optional<ErrorKind> error;
    std::map<std::string, int> sent;
};

Message message_named(const std::string& id) {
    Message message;
    message.kind = "order-completed";
    message.channel = "log";
    message.message_id = id;
    return message;
}

class SenderTest : public testing::Test {
protected:
    FakeClock clock_;
    UuidGenerator ids_{clock_, 3};
    FakeStore store_;
    FakeTransport transport_;
    Sender sender_{{.max_queue = 3, .max_attempts = 2}, store_, transport_, clock_, ids_};
};

TEST_F(SenderTest, WhatIsHandedOverIsSentMarkedAndTold) {
    sender_.hand_over({message_named("a"), message_named("b")});
    EXPECT_EQ(sender_.step(clock_.now()), 0ns);
    EXPECT_EQ(store_.marked, (std::set<std::string>{"a", "b"}));
    EXPECT_EQ(store_.told, 2U);
}

TEST_F(SenderTest, AFullQueueLeavesTheRestToTheSweep) {
    sender_.hand_over({message_named("a"), message_named("b"), message_named("c"), message_named("d")});
    (void)sender_.step(clock_.now());
    EXPECT_EQ(store_.marked.size(), 3U);
    store_.due = {message_named("d")};
    (void)sender_.step(clock_.now());
    EXPECT_EQ(store_.marked.size(), 4U);
}

TEST_F(SenderTest, ADeadServerPutsOffAndGivesUpAfterTheLastAttempt) {
    transport_.error = ErrorKind::Unavailable;
    auto message = message_named("a");
    sender_.hand_over({message});
    (void)sender_.step(clock_.now());
    EXPECT_TRUE(store_.put_off.contains("a"));
    EXPECT_GT(store_.put_off["a"], 0ns);
    message.attempts = 1;
    sender_.hand_over({message});
    (void)sender_.step(clock_.now());
    EXPECT_TRUE(store_.given_up.contains("a"));
    EXPECT_TRUE(store_.marked.empty());
}

TEST_F(SenderTest, AMessageThatCanNeverBeSentIsGivenUpAtOnce) {
    transport_.error = ErrorKind::Invalid;
    sender_.hand_over({message_named("a")});
    (void)sender_.step(clock_.now());
    EXPECT_TRUE(store_.given_up.contains("a"));
    EXPECT_EQ(store_.told, 1U);
}

TEST_F(SenderTest, TheSweepWaitsForItsInterval) {
    (void)sender_.step(clock_.now());
    store_.due = {message_named("a")};
    EXPECT_GT(sender_.step(clock_.now()), 0ns);
    EXPECT_TRUE(store_.marked.empty());
    clock_.advance(2s);
    (void)sender_.step(clock_.now());
    EXPECT_EQ(store_.marked.size(), 1U);
}

}  // namespace
}  // namespace platform::notification
