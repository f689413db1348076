#include "shared/resilience/bulkhead.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace platform::resilience {
namespace {

TEST(Bulkhead, RefusesBeyondItsPlaces) {
    Bulkhead bulkhead("orders", 2);
    auto first = bulkhead.try_enter();
    const auto second = bulkhead.try_enter();
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(bulkhead.try_enter());
    EXPECT_EQ(bulkhead.available(), 0);
    first = {};
    EXPECT_EQ(bulkhead.available(), 1);
    EXPECT_TRUE(bulkhead.try_enter());
    EXPECT_EQ(bulkhead.available(), 1) << "a permit frees its place when destroyed";
}

TEST(Bulkhead, APermitMovesWithoutFreeing) {
    Bulkhead bulkhead("orders", 1);
    auto permit = bulkhead.try_enter();
    auto moved = std::move(permit);
    EXPECT_EQ(bulkhead.available(), 0);
    Bulkhead::Permit assigned;
    assigned = std::move(moved);
    EXPECT_EQ(bulkhead.available(), 0);
    assigned = Bulkhead::Permit{};
    EXPECT_EQ(bulkhead.available(), 1);
}

TEST(Bulkhead, OfNoPlacesRefusesAll) {
    Bulkhead bulkhead("closed", 0);
    EXPECT_FALSE(bulkhead.try_enter());
}

TEST(Bulkhead, HoldsItsBoundBetweenThreads) {
    constexpr int kPlaces = 3;
    Bulkhead bulkhead("orders", kPlaces);
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 5000; ++n) {
                    const auto permit = bulkhead.try_enter();
                    if (!permit) continue;
                    const int now = ++inside;
                    int seen = most;
                    while (now > seen && !most.compare_exchange_weak(seen, now)) {
                    }
                    --inside;
                }
            });
        }
    }
    EXPECT_LE(most, kPlaces);
    EXPECT_EQ(bulkhead.available(), kPlaces);
}

TEST(BulkheadTest, WaitsForAPlaceNoLongerThanItMay) {
    Bulkhead bulkhead("provider", {.max_concurrent_calls = 1, .max_wait_duration = std::chrono::seconds(30)});
    auto held = bulkhead.enter();
    ASSERT_TRUE(held);
    EXPECT_FALSE(bulkhead.try_enter()) << "never waits";
    bool entered = false;
    {
        const std::jthread waiter([&] { entered = static_cast<bool>(bulkhead.enter()); });
        held = {};
    }
    EXPECT_TRUE(entered);
    EXPECT_EQ(bulkhead.available(), 1);
    Bulkhead impatient("provider", Bulkhead::Options{.max_concurrent_calls = 0});
    EXPECT_FALSE(impatient.enter());
}

}  // namespace
}  // namespace platform::resilience
