#include "shared/kafka/consumer_loop.hpp"

#include "tests/shared/kafka/consumer_loop_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ConsumerLoopTest, AppliesABatchOnceAndThenCommitsWhatFollows) {
    given(kFirst, {"a", "b"});
    given(kSecond, {"c"});
    EXPECT_EQ(step(), Duration::zero());
    EXPECT_THAT(handler_.calls, ElementsAre(ElementsAre("a", "b", "c")));
    EXPECT_EQ(committed(kFirst), 2);
    EXPECT_EQ(committed(kSecond), 1);
    step();
    EXPECT_EQ(handler_.calls.size(), 1U) << "an empty poll does not reach the handler";
    EXPECT_EQ(consumer_->last_wait(), 100ms);
    EXPECT_THAT(
        registry_.scrape(),
        HasSubstr(
            R"(kafka_listener_records_total{application="test",name="payment-kafka",result="applied"} 3)"
        )
    );
}

TEST_F(ConsumerLoopTest, TakesAtMostABatch) {
    given(kFirst, {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"});
    step();
    EXPECT_EQ(committed(kFirst), 10);
    step();
    EXPECT_EQ(committed(kFirst), 11);
    EXPECT_THAT(handler_.calls.back(), ElementsAre("11"));
}

TEST_F(ConsumerLoopTest, OffsetsWaitForEachOtherAndThePollForNoLongerThanThey) {
    options_.commit_pace = 50ms;
    loop_ = std::make_unique<ConsumerLoop>(options_, *consumer_, handler_, clock_, registry_);
    given(kFirst, {"1"});
    step();
    clock_.advance(20ms);
    given(kSecond, {"2"});
    step();
    EXPECT_EQ(consumer_->last_wait(), 30ms);
    EXPECT_EQ(committed(kFirst) + committed(kSecond), 0);
    clock_.advance(30ms);
    step();
    EXPECT_EQ(committed(kFirst) + committed(kSecond), 2);
}

/// Catches the mutant offset_before_commit.
TEST_F(ConsumerLoopTest, ARecordThatWasNotAppliedIsNeverCommitted) {
    given(kFirst, {"a", "b"});
    handler_.before_apply = [this] { EXPECT_EQ(committed(kFirst), 0) << "committed before it was applied"; };
    refuse({"b"}, ErrorKind::Unavailable);
    step();
    EXPECT_EQ(committed(kFirst), 0);

    // The process ends here; its successor starts at the committed offset.
    handler_.before_apply = nullptr;
    handler_.apply_answer = nullptr;
    FakeConsumer successor{broker_, "payment-service", {"order.events"}};
    ConsumerLoop next{options_, successor, handler_, clock_, registry_};
    next.step(clock_.now());
    EXPECT_THAT(handler_.applied, ElementsAre("a", "b"));
}

TEST_F(ConsumerLoopTest, ARetryableFailurePausesAndTriesTheSameRecordsAgainWithoutLimit) {
    for (const ErrorKind kind : {ErrorKind::Unavailable, ErrorKind::Timeout}) {
        SCOPED_TRACE(to_string(kind));
        const auto start = committed(kFirst);
        given(kFirst, {"a", "b"});
        refuse({"b"}, kind);
        int failures = 0;
        for (const auto pause : {1s, 2s, 4s, 8s, 8s, 8s}) {
            step();
            EXPECT_EQ(loop_->failures_in_a_row(), ++failures);
            EXPECT_TRUE(consumer_->paused(kFirst));
            const auto calls = handler_.calls.size();
            clock_.advance(pause - 1ms);
            step();
            EXPECT_EQ(handler_.calls.size(), calls) << "tried again too early";
            clock_.advance(1ms);
        }
        EXPECT_EQ(committed(kFirst), start);
        handler_.apply_answer = nullptr;
        handler_.applied.clear();
        step();
        EXPECT_THAT(handler_.applied, ElementsAre("a", "b"));
        EXPECT_EQ(committed(kFirst), start + 2);
        EXPECT_EQ(loop_->failures_in_a_row(), 0);
        EXPECT_THAT(handler_.dead, IsEmpty()) << "never a dead letter";
    }
}

TEST_F(ConsumerLoopTest, WaitsNoLongerThanAPauseLasts) {
    options_.backoff.initial = 30ms;
    loop_ = std::make_unique<ConsumerLoop>(options_, *consumer_, handler_, clock_, registry_);
    given(kFirst, {"a"});
    refuse({"a"}, ErrorKind::Unavailable);
    step();
    clock_.advance(10ms);
    step();
    EXPECT_EQ(consumer_->last_wait(), 20ms);
}

TEST_F(ConsumerLoopTest, OtherPartitionsGoOnWhileOneIsPaused) {
    given(kFirst, {"a"});
    refuse({"a"}, ErrorKind::Timeout);
    step();
    given(kSecond, {"b"});
    step();
    EXPECT_EQ(committed(kSecond), 1);
    EXPECT_EQ(committed(kFirst), 0);
    EXPECT_EQ(loop_->failures_in_a_row(), 1) << "success elsewhere does not end the trouble";
    given(kFirst, {"c"});
    handler_.apply_answer = nullptr;
    clock_.advance(1s);
    step();
    EXPECT_THAT(handler_.applied, ElementsAre("b", "a", "c"));
}

TEST_F(ConsumerLoopTest, ARecordThatFailsAloneIsDeadLetteredAndThePartitionGoesOn) {
    for (const ErrorKind kind :
         {ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Conflict, ErrorKind::Denied, ErrorKind::Internal
         }) {
        SCOPED_TRACE(to_string(kind));
        handler_.applied.clear();
        handler_.dead.clear();
        const auto start = committed(kFirst);
        given(kFirst, {"a", "bad", "c"});
        refuse({"bad"}, kind);
        step();
        EXPECT_THAT(handler_.applied, ElementsAre("a", "c"));
        EXPECT_THAT(handler_.dead, ElementsAre("bad"));
        EXPECT_THAT(handler_.reasons.back(), HasSubstr("cannot apply bad"));
        EXPECT_EQ(committed(kFirst), start + 3);
        EXPECT_EQ(loop_->failures_in_a_row(), 0);
    }
}

TEST_F(ConsumerLoopTest, ABatchOfOneIsNotAppliedTwiceBeforeItIsDeadLettered) {
    given(kFirst, {"bad"});
    refuse({"bad"}, ErrorKind::Invalid);
    step();
    EXPECT_EQ(handler_.calls.size(), 1U);
    EXPECT_THAT(handler_.dead, ElementsAre("bad"));
    EXPECT_EQ(committed(kFirst), 1);
}

TEST_F(ConsumerLoopTest, ABatchThatFailsTogetherButNotAloneIsAppliedSingly) {
    given(kFirst, {"a", "b"});
    handler_.apply_answer = [](std::span<const Record> batch) -> Result<void> {
        if (batch.size() > 1) return fail(ErrorKind::Internal, "only together");
        return {};
    };
    step();
    EXPECT_THAT(handler_.applied, ElementsAre("a", "b"));
    EXPECT_THAT(handler_.dead, IsEmpty());
    EXPECT_EQ(committed(kFirst), 2);
}

TEST_F(ConsumerLoopTest, ADeadLetterThatCannotBeStoredIsTriedAgain) {
    for (const ErrorKind kind : {ErrorKind::Unavailable, ErrorKind::Internal}) {
        SCOPED_TRACE(to_string(kind));
        handler_.applied.clear();
        handler_.dead.clear();
        const auto start = committed(kFirst);
        given(kFirst, {"a", "bad", "c"});
        refuse({"bad"}, ErrorKind::Invalid);
        handler_.dead_letter_answer = [kind](const Record&) -> Result<void> {
            return fail(kind, "no database");
        };
        step();
        EXPECT_THAT(handler_.applied, ElementsAre("a"));
        EXPECT_EQ(committed(kFirst), start + 1) << "what went before it is committed, it is not";
        EXPECT_EQ(loop_->failures_in_a_row(), 1);
        handler_.dead_letter_answer = nullptr;
        clock_.advance(1s);
        step();
        EXPECT_THAT(handler_.dead, ElementsAre("bad"));
        EXPECT_THAT(handler_.applied, ElementsAre("a", "c"));
        EXPECT_EQ(committed(kFirst), start + 3);
    }
}

TEST_F(ConsumerLoopTest, AnOutageInTheMiddleOfRecordByRecordStopsThere) {
    given(kFirst, {"a", "bad"});
    given(kSecond, {"b"});
    bool down = false;
    handler_.apply_answer = [&](std::span<const Record> batch) -> Result<void> {
        if (down) return fail(ErrorKind::Unavailable, "no database");
        if (batch.size() > 1) return fail(ErrorKind::Invalid, "bad");
        down = true;  // after the first single record
        return {};
    };
    step();
    EXPECT_THAT(handler_.applied, ElementsAre("a"));
    EXPECT_THAT(handler_.dead, IsEmpty());
    EXPECT_EQ(committed(kFirst), 1);
    EXPECT_TRUE(consumer_->paused(kFirst));
    EXPECT_TRUE(consumer_->paused(kSecond)) << "its record was not settled either";
    handler_.apply_answer = nullptr;
    clock_.advance(1s);
    step();
    EXPECT_THAT(handler_.applied, ElementsAre("a", "bad", "b"));
    EXPECT_EQ(committed(kFirst), 2);
    EXPECT_EQ(committed(kSecond), 1);
}

TEST_F(ConsumerLoopTest, AFailedCommitIsRepeatedWithoutNewRecords) {
    given(kFirst, {"a"});
    consumer_->commits_to_fail = 2;
    step();
    EXPECT_EQ(committed(kFirst), 0);
    step();
    EXPECT_EQ(committed(kFirst), 0);
    step();
    EXPECT_EQ(committed(kFirst), 1);
    EXPECT_EQ(handler_.calls.size(), 1U);
    EXPECT_THAT(
        registry_.scrape(),
        HasSubstr(R"(kafka_listener_commits_failed_total{application="test",name="payment-kafka"} 2)")
    );
}

TEST_F(ConsumerLoopTest, AFailedCommitIsRepeatedBeforeLeaving) {
    given(kFirst, {"a"});
    consumer_->commits_to_fail = 1;
    step();
    loop_->close();
    EXPECT_EQ(committed(kFirst), 1);
    EXPECT_TRUE(consumer_->closed());
}

TEST_F(ConsumerLoopTest, ACommitOfAPartitionThatLeftTakesNoOffsetBack) {
    given(kFirst, {"a"});
    consumer_->commits_to_fail = 1;
    step();
    consumer_->revoke(kFirst);
    broker_.append(kFirst, "key", "b");
    broker_.commit("payment-service", kFirst, 2);  // its new owner went on
    step();
    consumer_->assign(kFirst);
    broker_.append(kFirst, "key", "c");
    step();
    EXPECT_EQ(committed(kFirst), 3);
    EXPECT_THAT(handler_.applied, ElementsAre("a", "c"));
}

TEST_F(ConsumerLoopTest, TheTroubleOfAPartitionThatLeftIsForgotten) {
    given(kFirst, {"a"});
    refuse({"a"}, ErrorKind::Unavailable);
    step();
    EXPECT_EQ(loop_->failures_in_a_row(), 1);
    consumer_->revoke(kFirst);
    step();
    EXPECT_EQ(loop_->failures_in_a_row(), 0);
}

TEST_F(ConsumerLoopTest, AfterAFailedPollItAsksForAPauseAndGoesOn) {
    given(kFirst, {"a"});
    broker_.down = true;
    EXPECT_EQ(step(), 100ms);
    EXPECT_THAT(handler_.calls, IsEmpty());
    broker_.down = false;
    EXPECT_EQ(step(), Duration::zero());
    EXPECT_THAT(handler_.applied, ElementsAre("a"));
}

/// With the guards that a service gives its listeners.
class GuardedConsumerLoopTest : public ConsumerLoopTest {
protected:
    GuardedConsumerLoopTest() {
        options_.retry = &retry_;
        options_.breaker = &breaker_;
        loop_ = std::make_unique<ConsumerLoop>(options_, *consumer_, handler_, clock_, registry_);
    }
    /// Until the breaker opens; the partition's own pauses end in between.
    void open() {
        refuse({"a"}, ErrorKind::Unavailable);
        given(kFirst, {"a"});
        for (int i = 0; i < 3; ++i) {
            step();
            clock_.advance(1s);
        }
        ASSERT_EQ(breaker_.snapshot().state, resilience::CircuitBreaker::State::Open);
        ASSERT_EQ(handler_.calls.size(), 3U);
    }

    resilience::Retry retry_{"payment-kafka", {.wait_duration = 1s, .without_limit = true}};
    resilience::CircuitBreaker breaker_{
        "payment-kafka",
        {.sliding_window_size = 3,
         .minimum_number_of_calls = 3,
         .wait_duration_in_open_state = 10s,
         .permitted_number_of_calls_in_half_open_state = 1},
        clock_
    };
};

TEST_F(GuardedConsumerLoopTest, WhileTheBreakerIsOpenPartitionsArePausedAndNothingIsTried) {
    open();
    given(kSecond, {"b"});
    step();
    EXPECT_EQ(handler_.calls.size(), 3U);
    EXPECT_TRUE(consumer_->paused(kFirst));
    EXPECT_TRUE(consumer_->paused(kSecond));
    EXPECT_EQ(committed(kSecond), 0);
    EXPECT_EQ(handler_.dead.size(), 0U);
    clock_.advance(8s);
    step();
    EXPECT_EQ(handler_.calls.size(), 3U) << "9 of 10 s";
}

TEST_F(GuardedConsumerLoopTest, OneBatchThatGetsThroughLetsAllPartitionsGoOnWhateverTheirOwnPauses) {
    resilience::Retry patient{"payment-kafka", {.wait_duration = 1h, .without_limit = true}};
    resilience::CircuitBreaker strict{
        "payment-kafka",
        {.sliding_window_size = 1,
         .minimum_number_of_calls = 1,
         .wait_duration_in_open_state = 10s,
         .permitted_number_of_calls_in_half_open_state = 1},
        clock_
    };
    options_.retry = &patient;
    options_.breaker = &strict;
    ConsumerLoop loop(options_, *consumer_, handler_, clock_, registry_);
    refuse({"a"}, ErrorKind::Unavailable);
    given(kFirst, {"a"});
    loop.step(clock_.now());  // fails, and is paused for an hour
    given(kSecond, {"b"});
    loop.step(clock_.now());  // held
    EXPECT_TRUE(consumer_->paused(kSecond));
    refuse({}, ErrorKind::Unavailable);
    clock_.advance(10s);
    loop.step(clock_.now());
    EXPECT_EQ(committed(kSecond), 1);
    EXPECT_EQ(strict.snapshot().state, resilience::CircuitBreaker::State::Closed);
    loop.step(clock_.now());
    EXPECT_EQ(committed(kFirst), 1) << "not in an hour";
    EXPECT_EQ(patient.counts().successful_with_retry, 1U);
}

TEST_F(GuardedConsumerLoopTest, PoisonDoesNotOpenTheBreaker) {
    refuse({"x"}, ErrorKind::Invalid);
    given(kFirst, {"x", "x", "x", "x", "x", "x"});
    for (int i = 0; i < 6; ++i) step();
    EXPECT_EQ(handler_.dead.size(), 6U);
    EXPECT_EQ(breaker_.snapshot().state, resilience::CircuitBreaker::State::Closed);
    EXPECT_EQ(committed(kFirst), 6);
}

TEST_F(GuardedConsumerLoopTest, ABreakerOpenedByHandHoldsRecordsUntilItIsClosedByHand) {
    breaker_.transition_to(resilience::CircuitBreaker::State::ForcedOpen);
    given(kFirst, {"a"});
    for (int i = 0; i < 5; ++i) {
        step();
        clock_.advance(1min);
    }
    EXPECT_TRUE(handler_.calls.empty());
    breaker_.transition_to(resilience::CircuitBreaker::State::Closed);
    step();
    EXPECT_EQ(committed(kFirst), 1);
}

}  // namespace
}  // namespace platform::kafka
