// Gathering of ConsumerLoop.
#include "tests/shared/kafka/consumer_loop_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace platform::kafka {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConsumerLoopGatherTest : public ConsumerLoopTest {};

TEST_F(ConsumerLoopGatherTest, GathersUntilTheBatchIsFullOrItsTimeIsOver) {
    options_.linger = 1s;
    int trimmed = 0;
    options_.trim = [&trimmed](Record&) { ++trimmed; };
    ConsumerLoop gathering(options_, *consumer_, handler_, clock_, registry_);
    given(kFirst, {"1", "2"});
    gathering.step(clock_.now());
    clock_.advance(999ms);
    given(kSecond, {"3"});
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.calls, IsEmpty());
    EXPECT_EQ(committed(kFirst), 0);
    clock_.advance(1ms);
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.calls, ElementsAre(ElementsAre("1", "2", "3")));
    EXPECT_EQ(committed(kFirst), 2);
    EXPECT_EQ(committed(kSecond), 1);

    given(kFirst, {"4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"});
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.applied, testing::SizeIs(13)) << "a full batch does not wait";
    EXPECT_EQ(trimmed, 13);
    gathering.step(clock_.now());
    EXPECT_EQ(handler_.calls.size(), 2U) << "and what is left does";
}

TEST_F(ConsumerLoopGatherTest, GathersNoLongerThanRecordsKeepComing) {
    options_.linger = 3s;
    options_.quiet = 500ms;
    ConsumerLoop gathering(options_, *consumer_, handler_, clock_, registry_);
    for (const std::string value : {"1", "2", "3"}) {
        given(kFirst, {value});
        gathering.step(clock_.now());
        clock_.advance(499ms);
        gathering.step(clock_.now());
    }
    EXPECT_THAT(handler_.calls, IsEmpty());
    clock_.advance(1ms);
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.calls, ElementsAre(ElementsAre("1", "2", "3")));
    EXPECT_EQ(committed(kFirst), 3);
}

TEST_F(ConsumerLoopGatherTest, WhatWasGatheredAndCannotBeAppliedComesAgain) {
    options_.linger = 1s;
    ConsumerLoop gathering(options_, *consumer_, handler_, clock_, registry_);
    refuse({"1"}, ErrorKind::Unavailable);
    given(kFirst, {"1"});
    gathering.step(clock_.now());
    given(kFirst, {"2"});
    clock_.advance(1s);
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.calls, ElementsAre(ElementsAre("1", "2")));
    EXPECT_EQ(committed(kFirst), 0);
    handler_.apply_answer = nullptr;
    clock_.advance(1s);
    gathering.step(clock_.now());  // the partition goes on
    clock_.advance(1s);
    gathering.step(clock_.now());
    EXPECT_THAT(handler_.applied, ElementsAre("1", "2"));
    EXPECT_EQ(committed(kFirst), 2);
}

}  // namespace
}  // namespace platform::kafka
