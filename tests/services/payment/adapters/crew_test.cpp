#include "services/payment/adapters/crew.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <thread>

namespace platform::payment {
namespace {

TEST(Crew, MakesEachCallOnce) {
    for (const std::size_t concurrency : {1U, 2U, 8U}) {
        Crew crew(concurrency);
        std::array<std::atomic<int>, 1000> calls{};
        crew.for_each(calls.size(), [&](std::size_t i) { ++calls[i]; });
        for (const auto& count : calls) EXPECT_EQ(count, 1);
    }
}

TEST(Crew, CallsOfABatchRunAtTheSameTime) {
    constexpr std::size_t kConcurrency = 4;
    Crew crew(kConcurrency);
    std::barrier all(kConcurrency);  // a call that waits for the others would never end alone
    std::atomic<int> met = 0;
    crew.for_each(kConcurrency, [&](std::size_t) {
        all.arrive_and_wait();
        ++met;
    });
    EXPECT_EQ(met, 4);
}

TEST(Crew, AloneTheCallerWorks) {
    Crew crew(1);
    const auto caller = std::this_thread::get_id();
    crew.for_each(3, [&](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
    crew.for_each(0, [&](std::size_t) { ADD_FAILURE() << "there is nothing to do"; });
}

TEST(Crew, BatchesOfManyCallersAllEnd) {
    Crew crew(3);
    std::atomic<int> calls = 0;
    {
        std::array<std::jthread, 4> callers;
        for (auto& caller : callers) {
            caller = std::jthread([&] {
                for (int batch = 0; batch < 50; ++batch) crew.for_each(7, [&](std::size_t) { ++calls; });
            });
        }
    }
    EXPECT_EQ(calls, 4 * 50 * 7);
}

}  // namespace
}  // namespace platform::payment
