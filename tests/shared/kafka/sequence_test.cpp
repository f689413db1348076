#include "shared/kafka/sequence.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

Record at(std::int64_t offset, std::int32_t partition = 0) {
    Record record;
    record.topic = "order.events";
    record.partition = partition;
    record.offset = offset;
    return record;
}

TEST(SequenceTest, OneAfterTheOtherFromWhereverAMemberBegins) {
    Sequence sequence;
    EXPECT_TRUE(sequence.admits(at(70)));
    EXPECT_TRUE(sequence.admits(at(71)));
    EXPECT_TRUE(sequence.admits(at(5, 1))) << "each partition by itself";
    EXPECT_EQ(sequence.next({.topic = "order.events", .partition = 0}), 72);
    EXPECT_FALSE(sequence.next({.topic = "order.events", .partition = 2}));
}

TEST(SequenceTest, AJumpIsReadAgainAndWasNone) {
    Sequence sequence;
    EXPECT_TRUE(sequence.admits(at(70)));
    EXPECT_FALSE(sequence.admits(at((1LL << 40) + 71)));
    EXPECT_EQ(sequence.next({.topic = "order.events", .partition = 0}), 71);
    EXPECT_TRUE(sequence.admits(at(71)));
    EXPECT_FALSE(sequence.admits(at((1LL << 40) + 71))) << "what was doubted once is not believed later";
}

TEST(SequenceTest, AJumpThatIsThereAgainIsBelieved) {
    Sequence sequence;
    EXPECT_TRUE(sequence.admits(at(70)));
    EXPECT_FALSE(sequence.admits(at(90)));
    EXPECT_FALSE(sequence.admits(at(91))) << "another jump than at the last reading";
    EXPECT_TRUE(sequence.admits(at(91)));
    EXPECT_TRUE(sequence.admits(at(92)));
}

TEST(SequenceTest, RecordsThatComeAgainAreNoJump) {
    Sequence sequence;
    EXPECT_TRUE(sequence.admits(at(70)));
    EXPECT_TRUE(sequence.admits(at(71)));
    EXPECT_TRUE(sequence.admits(at(70))) << "the partition was rewound";
    EXPECT_TRUE(sequence.admits(at(71)));
    EXPECT_FALSE(sequence.admits(at(73)));
}

TEST(SequenceTest, ALostPartitionBeginsAnew) {
    Sequence sequence;
    EXPECT_TRUE(sequence.admits(at(70)));
    EXPECT_TRUE(sequence.admits(at(70, 1)));
    sequence.forget({.topic = "order.events", .partition = 0});
    EXPECT_TRUE(sequence.admits(at(99)));
    EXPECT_FALSE(sequence.admits(at(99, 1)));
    sequence.clear();
    EXPECT_TRUE(sequence.admits(at(99, 1)));
}

}  // namespace
}  // namespace platform::kafka
