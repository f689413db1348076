#include "services/gateway/domain/retry.hpp"

#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;

TEST(Repeatable, IsWhatChangesNothingOrIsKnownByItsKey) {
    EXPECT_TRUE(repeatable("GET", false));
    EXPECT_TRUE(repeatable("HEAD", false));
    EXPECT_FALSE(repeatable("POST", false));
    EXPECT_TRUE(repeatable("POST", true));
    EXPECT_FALSE(repeatable("PATCH", true));
    EXPECT_FALSE(repeatable("DELETE", false));
}

TEST(WorthAnotherTry, DependsOnWhatMayHaveHappened) {
    struct Case {
        CallResult result;
        int status;
        bool when_repeatable;
        bool when_not;
    };
    for (const auto& [result, status, when_repeatable, when_not] : {
             Case{CallResult::NotSent, 0, true, true},
             Case{CallResult::Lost, 0, true, false},
             Case{CallResult::TimedOut, 0, true, false},
             Case{CallResult::ServerError, 502, true, false},
             Case{CallResult::ServerError, 503, true, false},
             Case{CallResult::ServerError, 504, true, false},
             Case{CallResult::ServerError, 500, false, false},
             Case{CallResult::ServerError, 505, false, false},
             Case{CallResult::Overloaded, 503, false, false},
             Case{CallResult::Answered, 200, false, false},
             Case{CallResult::Answered, 404, false, false},
             Case{CallResult::Answered, 429, false, false},
             Case{CallResult::Unusable, 0, false, false},
         }) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(result) << " " << status);
        EXPECT_EQ(worth_another_try(result, status, true), when_repeatable);
        EXPECT_EQ(worth_another_try(result, status, false), when_not);
    }
}

TEST(RetryBudget, IsAShareOfTheRequests) {
    FakeClock clock;
    RetryBudget budget({.ratio = 0.2, .per_second = 0, .most = 1000}, clock);
    EXPECT_FALSE(budget.try_retry()) << "nothing was paid in yet";
    for (int i = 0; i < 100; ++i) budget.on_request();
    int retries = 0;
    while (budget.try_retry()) ++retries;
    EXPECT_NEAR(retries, 20, 1);
}

TEST(RetryBudget, GivesAFewWithoutTraffic) {
    FakeClock clock;
    RetryBudget budget({.ratio = 0, .per_second = 2, .most = 4}, clock);
    EXPECT_TRUE(budget.try_retry());
    EXPECT_TRUE(budget.try_retry());
    EXPECT_FALSE(budget.try_retry());
    clock.advance(500ms);
    EXPECT_TRUE(budget.try_retry());
    EXPECT_FALSE(budget.try_retry());
    clock.advance(1h);
    int retries = 0;
    while (budget.try_retry()) ++retries;
    EXPECT_EQ(retries, 4) << "savings are bounded";
}

TEST(RetryBudget, InAnOutageRetriesStayAShare) {
    FakeClock clock;
    RetryBudget budget({}, clock);
    int retries = 0;
    for (int i = 0; i < 10'000; ++i) {  // 1,000 requests a second for ten seconds, each one wants two retries
        budget.on_request();
        retries += budget.try_retry() ? 1 : 0;
        retries += budget.try_retry() ? 1 : 0;
        clock.advance(1ms);
    }
    EXPECT_LE(retries, 2060);
    EXPECT_GE(retries, 1900);
}

}  // namespace
}  // namespace platform::gateway
