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
    EXPECT_TRUE(shared.wait_until_quiet(1s, 0s));
    shared.request_began();
    shared.request_began();
    shared.draining = true;
    EXPECT_FALSE(shared.wait_until_quiet(1ms, 0s));
    auto quiet = std::async(std::launch::async, [&shared] { return shared.wait_until_quiet(20s, 0s); });
    shared.request_ended();
    shared.request_ended();
    EXPECT_TRUE(quiet.get());
    EXPECT_EQ(shared.in_flight, 0U);
}

TEST(SharedState, IsNotQuietWhileRequestsKeepComing) {
    SystemClock clock;
    metrics::Registry registry("test");
    SharedState shared({}, clock, registry);
    shared.draining = true;
    auto quiet = std::async(std::launch::async, [&shared] { return shared.wait_until_quiet(20s, 300ms); });
    EXPECT_EQ(quiet.wait_for(20ms), std::future_status::timeout) << "a client may be about to ask";
    EXPECT_FALSE(shared.wait_until_quiet(5ms, 10s)) << "the limit comes first";
    EXPECT_TRUE(shared.wait_until_quiet(20s, 1ms));
    shared.request_began();
    EXPECT_FALSE(shared.wait_until_quiet(5ms, 1ms));
    shared.request_ended();
    EXPECT_TRUE(quiet.get());
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
