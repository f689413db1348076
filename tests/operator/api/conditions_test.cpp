#include "operator/api/conditions.hpp"

#include <gtest/gtest.h>

namespace platform::api {
namespace {

TEST(Conditions, TransitionTimesMoveOnlyWhenTheStatusFlips) {
    const std::vector<Condition> before{
        {.type = "Ready",
         .status = Truth::False,
         .reason = "A",
         .message = "a",
         .observed_generation = 1,
         .last_transition = "t1"},
        {.type = "TopicsReady",
         .status = Truth::True,
         .reason = "A",
         .message = "a",
         .observed_generation = 1,
         .last_transition = "t1"}
    };
    std::vector<Condition> wanted{
        {.type = "Ready",
         .status = Truth::False,
         .reason = "B",
         .message = "b",
         .observed_generation = 2,
         .last_transition = ""},
        {.type = "TopicsReady",
         .status = Truth::Unknown,
         .reason = "A",
         .message = "a",
         .observed_generation = 2,
         .last_transition = ""},
        {.type = "New",
         .status = Truth::True,
         .reason = "A",
         .message = "a",
         .observed_generation = 2,
         .last_transition = ""}
    };
    keep_transitions(wanted, before, "t2");
    EXPECT_EQ(wanted[0].last_transition, "t1");
    EXPECT_EQ(wanted[1].last_transition, "t2");
    EXPECT_EQ(wanted[2].last_transition, "t2");
}

TEST(Conditions, TruthReadsWhatItWrites) {
    for (const Truth truth : {Truth::True, Truth::False, Truth::Unknown})
        EXPECT_EQ(parse_truth(to_string(truth)), truth);
    EXPECT_EQ(parse_truth("nonsense"), Truth::Unknown);
}

TEST(Conditions, FindsByType) {
    const std::vector<Condition> all{
        {.type = "Ready",
         .status = Truth::True,
         .reason = "",
         .message = "",
         .observed_generation = 0,
         .last_transition = ""}
    };
    EXPECT_NE(find_condition(all, "Ready"), nullptr);
    EXPECT_EQ(find_condition(all, "Other"), nullptr);
}

}  // namespace
}  // namespace platform::api
