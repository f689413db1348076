#pragma once
#include "services/notification/domain/message_store.hpp"
#include "tests/services/notification/messages.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

/// What every MessageStore does, the fake one and the real one alike. `Driver` gives store(), pass(time) for
/// the time of the store's clock, die() after which another process of the same instance looks at the store, told() for the values of the events that it has to tell, and
/// refuse_events(bool): changes with something to tell then fail at their last step.
namespace platform::notification {

template <class Driver>
class MessageStoreContract : public testing::Test {
protected:
    static constexpr Duration kLease = std::chrono::seconds(60);

    MessageStore& store() { return driver_.store(); }

    /// Gives the message ids of what is new.
    std::vector<std::string> add(const std::vector<Message>& messages) {
        const auto added = store().add(messages, kLease, [this](std::span<const Message> now) {
            delivered_.insert(delivered_.end(), now.begin(), now.end());
            std::vector<events::Event> told;
            for (const auto& message : now) told.push_back(told_of(message, ++told_));
            return told;
        });
        EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().what);
        return ids_of(added.value_or(std::vector<Message>{}));
    }
    std::vector<std::string> due(std::size_t limit = 10) {
        const auto taken = store().take_due(limit, kLease);
        EXPECT_TRUE(taken.has_value()) << (taken ? "" : taken.error().what);
        return ids_of(taken.value_or(std::vector<Message>{}));
    }
    static std::vector<std::string> ids_of(const std::vector<Message>& messages) {
        std::vector<std::string> ids;
        for (const auto& message : messages) ids.push_back(message.message_id);
        return ids;
    }
    Stored stored(const Message& message) {
        const auto found = store().find(message.order_id).value();
        for (const auto& one : found) {
            if (one.message.kind == message.kind && one.message.channel == message.channel) return one;
        }
        ADD_FAILURE() << "no such message";
        return {};
    }
    static events::Event told_of(const Message& message, int number) {
        return event_of(
            message.order_id,
            number,
            events::NotificationSent{.kind = message.kind, .channel = message.channel}
        );
    }

    /// Marks what became of them.
    Result<void> sent(const std::vector<Message>& messages, const std::vector<events::Event>& told = {}) {
        return store().settle({.sent = messages, .given_up = {}, .postponed = {}, .told = told});
    }
    Result<void> given_up(const Message& message, const std::vector<events::Event>& told = {}) {
        return store().settle({.sent = {}, .given_up = {message}, .postponed = {}, .told = told});
    }
    Result<void> postponed(const Message& message, Duration pause) {
        return store().settle({.sent = {}, .given_up = {}, .postponed = {{.message = message, .pause = pause}}, .told = {}});
    }

    Driver driver_;
    std::vector<Message> delivered_;
    int told_ = 100;  ///< makes the ids of events
    const Message a_ = message_for("a");
    const Message b_ = message_for("b");
    using Ids = std::vector<std::string>;
};
TYPED_TEST_SUITE_P(MessageStoreContract);

TYPED_TEST_P(MessageStoreContract, AMessageReadsBackAsItWasStored) {
    Message full = this->a_;
    full.kind = std::string(32, 'k');
    full.channel = std::string(16, 'c');
    full.user_id = test::long_text(64);
    full.message_id = std::string(255, 'm');
    full.recipient = test::long_text(255);
    full.subject = test::long_text(255);
    full.body = test::long_text(2000);
    full.correlation_id = std::string(128, 'c');
    EXPECT_EQ(this->add({full}), (typename TestFixture::Ids{full.message_id}));
    const auto [message, state] = this->stored(full);
    EXPECT_EQ(state, "PENDING");
    EXPECT_EQ(message.order_id, full.order_id);
    EXPECT_EQ(message.message_id, full.message_id);
    EXPECT_EQ(message.user_id, full.user_id);
    EXPECT_EQ(message.recipient, full.recipient);
    EXPECT_EQ(message.subject, full.subject);
    EXPECT_EQ(message.body, full.body);
    EXPECT_EQ(message.correlation_id, full.correlation_id);
    EXPECT_EQ(message.attempts, 0);
    EXPECT_TRUE(this->store().find(order_named("b")).value().empty());
}

TYPED_TEST_P(MessageStoreContract, TheSameEventTwiceInOneBatchIsOneMessage) {
    EXPECT_EQ(this->add({this->a_, this->a_}).size(), 1U);
    EXPECT_EQ(this->store().find(this->a_.order_id)->size(), 1U);
}

TYPED_TEST_P(MessageStoreContract, TheSameEventInTwoBatchesIsOneMessage) {
    EXPECT_EQ(this->add({this->a_}).size(), 1U);
    EXPECT_EQ(this->add({this->a_, this->b_}), (typename TestFixture::Ids{"b"}));
}

TYPED_TEST_P(MessageStoreContract, AnotherEventThatAsksForTheSameMessageSendsNothing) {
    EXPECT_EQ(this->add({this->a_}).size(), 1U);
    auto again = this->a_;
    again.body = "other words";
    EXPECT_TRUE(this->add({again}).empty());
    EXPECT_EQ(this->stored(this->a_).message.body, this->a_.body);
}

TYPED_TEST_P(MessageStoreContract, AReplaySendsNothing) {
    (void)this->add({this->a_, this->b_});
    ASSERT_TRUE(this->sent({this->a_}));
    EXPECT_TRUE(this->add({this->a_, this->b_}).empty());
    EXPECT_EQ(this->stored(this->a_).state, "SENT");
}

TYPED_TEST_P(MessageStoreContract, KindsOfAnOrderAreMessagesOfTheirOwn) {
    auto kind = this->a_;
    kind.kind = "and-first-by-name";
    EXPECT_EQ(this->add({this->a_}).size(), 1U);
    EXPECT_EQ(this->add({kind, this->b_}).size(), 2U);
    EXPECT_EQ(this->store().find(this->a_.order_id)->size(), 2U);
    EXPECT_EQ(this->store().find(this->a_.order_id)->front().message.kind, "order-completed")
        << "oldest first";
}

TYPED_TEST_P(MessageStoreContract, AnEventMayAskForSeveralChannels) {
    const auto line = by(kLog, this->a_);
    EXPECT_EQ(this->add({this->a_, line}), (typename TestFixture::Ids{"a"})) << "of those that wait";
    EXPECT_EQ(this->store().find(this->a_.order_id)->size(), 2U);
    EXPECT_EQ(this->stored(this->a_).state, "PENDING");
    EXPECT_EQ(this->stored(line).state, "SENT");
}

TYPED_TEST_P(MessageStoreContract, WhatWasToldByOneChannelIsNotToldByAnother) {
    // The customer chose another channel between the event and its replay.
    EXPECT_EQ(this->add({this->a_}).size(), 1U);
    EXPECT_TRUE(this->add({by(kLog, this->a_)}).empty());
    EXPECT_TRUE(this->delivered_.empty());
    EXPECT_EQ(this->add({by(kNobody, this->b_)}).size(), 0U);
    EXPECT_EQ(this->stored(by(kNobody, this->b_)).state, "SKIPPED");
    EXPECT_TRUE(this->add({this->b_}).empty()) << "nothing was wanted then";
}

TYPED_TEST_P(MessageStoreContract, WhatLeavesWithTheCommitIsSentToldAndNeverDue) {
    const auto a = by(kLog, this->a_);
    const auto b = by(kLog, this->b_);
    EXPECT_TRUE(this->add({a, b}).empty()) << "nothing waits";
    ASSERT_EQ(this->delivered_.size(), 2U);
    EXPECT_EQ(this->delivered_[1].message_id, "b");
    EXPECT_EQ(this->driver_.told().size(), 2U);
    EXPECT_EQ(this->stored(a).state, "SENT");
    EXPECT_EQ(this->stored(a).message.attempts, 1);
    this->driver_.pass(std::chrono::hours(1));
    EXPECT_TRUE(this->due().empty());
    EXPECT_TRUE(this->add({a, b}).empty());
    EXPECT_EQ(this->delivered_.size(), 2U) << "neither a redelivery nor a replay";
}

TYPED_TEST_P(MessageStoreContract, ACommitThatFailsLeavesNothingAndIsDeliveredAgain) {
    const auto a = by(kLog, this->a_);
    this->driver_.refuse_events(true);
    const auto deliver = [this](std::span<const Message> messages) { return std::vector{this->told_of(messages[0], 1)}; };
    EXPECT_FALSE(this->store().add(std::array{a}, this->kLease, deliver));
    this->driver_.refuse_events(false);
    EXPECT_TRUE(this->store().find(a.order_id)->empty());
    EXPECT_TRUE(this->add({a}).empty());
    EXPECT_EQ(this->delivered_.size(), 1U);
}

TYPED_TEST_P(MessageStoreContract, TheClaimsOfADeadPredecessorAreFreeAtOnce) {
    using namespace std::chrono_literals;
    (void)this->add({this->a_, this->b_});
    ASSERT_TRUE(this->postponed(this->b_, 50s));
    ASSERT_TRUE(this->store().release_predecessors());
    EXPECT_TRUE(this->due().empty()) << "they are of this process";
    this->driver_.die();
    ASSERT_TRUE(this->store().release_predecessors());
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"a"})) << "the pause of the other one goes on";
}

TYPED_TEST_P(MessageStoreContract, WhatIsReleasedIsDueAtOnce) {
    using namespace std::chrono_literals;
    (void)this->add({this->a_, this->b_});
    ASSERT_TRUE(this->sent({this->b_}));
    ASSERT_TRUE(this->store().release());
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"a"}));
    ASSERT_TRUE(this->store().release());
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"a"})) << "taken ones as well";
}

TYPED_TEST_P(MessageStoreContract, TheCustomerOfAnOrderIsRemembered) {
    auto nobody = this->b_;
    nobody.user_id.clear();
    (void)this->add({this->a_, nobody});
    const std::array orders{this->a_.order_id, this->b_.order_id, order_named("c")};
    EXPECT_EQ(this->store().users_of(orders).value(), (std::map<OrderId, std::string>{{this->a_.order_id, "user-1"}}));
    EXPECT_TRUE(this->store().users_of({}).value().empty());
}

TYPED_TEST_P(MessageStoreContract, WhatNobodySendsComesDueWhenItsLeaseEnds) {
    using namespace std::chrono_literals;
    (void)this->add({this->a_});
    this->driver_.pass(50s);
    EXPECT_TRUE(this->due().empty());
    this->driver_.pass(11s);
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"a"}));
    EXPECT_TRUE(this->due().empty()) << "a second caller";
    this->driver_.pass(61s);
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"a"})) << "the first caller died";
}

TYPED_TEST_P(MessageStoreContract, LongestDueComesFirstAndThePageIsBounded) {
    using namespace std::chrono_literals;
    (void)this->add({this->b_});
    this->driver_.pass(1s);
    (void)this->add({this->a_});
    this->driver_.pass(61s);
    EXPECT_EQ(this->due(1), (typename TestFixture::Ids{"b"}));
    EXPECT_EQ(this->due(1), (typename TestFixture::Ids{"a"}));
}

TYPED_TEST_P(MessageStoreContract, SentMessagesAreToldAndNeverDueAgain) {
    (void)this->add({this->a_, this->b_});
    const std::vector told{this->told_of(this->a_, 1), this->told_of(this->b_, 2)};
    ASSERT_TRUE(this->sent({this->a_, this->b_}, told));
    EXPECT_EQ(this->driver_.told(), test::encoded(told));
    EXPECT_EQ(this->stored(this->a_).state, "SENT");
    EXPECT_EQ(this->stored(this->b_).message.attempts, 1);
    this->driver_.pass(std::chrono::hours(1));
    EXPECT_TRUE(this->due().empty());
}

TYPED_TEST_P(MessageStoreContract, AFailedMessageIsTakenUpAfterItsPause) {
    using namespace std::chrono_literals;
    (void)this->add({this->a_});
    ASSERT_TRUE(this->postponed(this->a_, 5s));
    EXPECT_EQ(this->stored(this->a_).state, "PENDING");
    EXPECT_TRUE(this->due().empty());
    this->driver_.pass(6s);
    const auto due = this->store().take_due(10, this->kLease).value();
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].attempts, 1);
    EXPECT_EQ(due[0].body, this->a_.body) << "whole";
}

TYPED_TEST_P(MessageStoreContract, AMessageThatIsGivenUpIsToldAndNeverDueAgain) {
    (void)this->add({this->a_});
    const std::vector told{event_of(
        this->a_.order_id, 1, events::NotificationFailed{.kind = "k", .channel = "log", .reason = "invalid"}
    )};
    ASSERT_TRUE(this->given_up(this->a_, told));
    EXPECT_EQ(this->stored(this->a_).state, "FAILED");
    EXPECT_EQ(this->driver_.told(), test::encoded(told));
    this->driver_.pass(std::chrono::hours(1));
    EXPECT_TRUE(this->due().empty());
}

TYPED_TEST_P(MessageStoreContract, AFailureAtTheEndLeavesNothing) {
    (void)this->add({this->a_});
    this->driver_.refuse_events(true);
    const std::vector told{this->told_of(this->a_, 1)};
    EXPECT_FALSE(this->sent({this->a_}, told));
    EXPECT_FALSE(this->given_up(this->a_, told));
    this->driver_.refuse_events(false);
    EXPECT_EQ(this->stored(this->a_).state, "PENDING");
    EXPECT_EQ(this->stored(this->a_).message.attempts, 0);
    EXPECT_TRUE(this->driver_.told().empty());
}

TYPED_TEST_P(MessageStoreContract, OneBatchMayEndInAllWays) {
    using namespace std::chrono_literals;
    const auto c = message_for("c");
    const auto d = message_for("d");
    (void)this->add({this->a_, this->b_, c, d});
    ASSERT_TRUE(this->store().settle({
        .sent = {this->a_},
        .given_up = {this->b_},
        .postponed = {{.message = c, .pause = 5s}, {.message = d, .pause = 20s}},
        .told = {this->told_of(this->a_, 1)},
    }));
    EXPECT_EQ(this->stored(this->a_).state, "SENT");
    EXPECT_EQ(this->stored(this->b_).state, "FAILED");
    this->driver_.pass(6s);
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"c"}));
    this->driver_.pass(15s);
    EXPECT_EQ(this->due(), (typename TestFixture::Ids{"d"}));
}

TYPED_TEST_P(MessageStoreContract, NothingIsAnEasyRequest) {
    EXPECT_TRUE(this->add({}).empty());
    EXPECT_TRUE(this->store().settle({}));
    EXPECT_TRUE(this->due().empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    MessageStoreContract,
    AMessageReadsBackAsItWasStored,
    TheSameEventTwiceInOneBatchIsOneMessage,
    TheSameEventInTwoBatchesIsOneMessage,
    AnotherEventThatAsksForTheSameMessageSendsNothing,
    AReplaySendsNothing,
    KindsOfAnOrderAreMessagesOfTheirOwn,
    AnEventMayAskForSeveralChannels,
    WhatWasToldByOneChannelIsNotToldByAnother,
    WhatLeavesWithTheCommitIsSentToldAndNeverDue,
    ACommitThatFailsLeavesNothingAndIsDeliveredAgain,
    TheClaimsOfADeadPredecessorAreFreeAtOnce,
    WhatIsReleasedIsDueAtOnce,
    TheCustomerOfAnOrderIsRemembered,
    OneBatchMayEndInAllWays,
    WhatNobodySendsComesDueWhenItsLeaseEnds,
    LongestDueComesFirstAndThePageIsBounded,
    SentMessagesAreToldAndNeverDueAgain,
    AFailedMessageIsTakenUpAfterItsPause,
    AMessageThatIsGivenUpIsToldAndNeverDueAgain,
    AFailureAtTheEndLeavesNothing,
    NothingIsAnEasyRequest
);

}  // namespace platform::notification
