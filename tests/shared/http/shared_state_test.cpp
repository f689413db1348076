#include "shared/http/shared_state.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <utility>

namespace platform::http {
namespace {

using namespace std::chrono_literals;

TEST(SharedState, IsQuietWhenTheLastRequestEnded) {
    SystemClock clock;
    metrics::Registry registry("test");
    SharedState shared({}, clock, registry);
    EXPECT_TRUE(shared.wait_until_quiet(0s));
    shared.request_began();
    shared.request_began();
    shared.draining = true;
    EXPECT_FALSE(shared.wait_until_quiet(1ms));
    auto quiet = std::async(std::launch::async, [&shared] { return shared.wait_until_quiet(20s); });
    shared.request_ended();
    shared.request_ended();
    EXPECT_TRUE(quiet.get());
    EXPECT_EQ(shared.in_flight, 0U);
}

TEST(SharedState, WaitsForAnswersThatAreBeingWritten) {
    SystemClock clock;
    metrics::Registry registry("test");
    SharedState shared({}, clock, registry);
    shared.wait_for_answers();
    std::optional<SharedState::AnswerScope> scope(std::in_place, shared);
    auto waited = std::async(std::launch::async, [&shared] { shared.wait_for_answers(); });
    EXPECT_EQ(waited.wait_for(20ms), std::future_status::timeout);
    scope.reset();
    EXPECT_EQ(waited.wait_for(20s), std::future_status::ready);
}

}  // namespace
}  // namespace platform::http
