#include "services/gateway/adapters/route_queues.hpp"

#include "tests/services/gateway/eventually.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace platform::gateway {
namespace {

Job job_of(const std::string& path) {
    Job job;
    job.request.path = path;
    return job;
}

class RouteQueuesTest : public testing::Test {
protected:
    std::string take() {
        auto taken = queues_.take(stop_.get_token());
        if (!taken) return "stopped";
        held_.push_back(std::move(taken->permit));
        return taken->job.request.path;
    }

    resilience::Bulkhead slow_{"slow", 2};
    resilience::Bulkhead fast_{"fast", 2};
    RouteQueues queues_{{{slow_, 3}, {fast_, 3}}};
    std::stop_source stop_;
    std::vector<resilience::Bulkhead::Permit> held_;
};

TEST_F(RouteQueuesTest, RefusesBeyondTheBoundAndLeavesTheJobWhole) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queues_.push(0, job_of("/x")));
    Job job = job_of("/kept");
    EXPECT_FALSE(queues_.push(0, std::move(job)));
    EXPECT_EQ(job.request.path, "/kept");
    EXPECT_TRUE(queues_.push(1, job_of("/y"))) << "each route has a queue of its own";
    EXPECT_EQ(queues_.waiting(0), 3U);
}

TEST_F(RouteQueuesTest, TakesFromTheRoutesInTurn) {
    for (const char* path : {"/slow/1", "/slow/2"}) EXPECT_TRUE(queues_.push(0, job_of(path)));
    for (const char* path : {"/fast/1", "/fast/2"}) EXPECT_TRUE(queues_.push(1, job_of(path)));
    EXPECT_EQ(take(), "/slow/1");
    EXPECT_EQ(take(), "/fast/1");
    EXPECT_EQ(take(), "/slow/2");
    EXPECT_EQ(take(), "/fast/2");
}

TEST_F(RouteQueuesTest, ASlowRouteCannotTakeAllWorkers) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queues_.push(0, job_of("/slow")));
    EXPECT_EQ(take(), "/slow");
    EXPECT_EQ(take(), "/slow");
    EXPECT_TRUE(queues_.push(1, job_of("/fast")));
    EXPECT_EQ(take(), "/fast") << "the bulkhead of the slow route is full, so its third job waits";
    EXPECT_EQ(queues_.waiting(0), 1U);
    held_.clear();
    queues_.place_freed();
    EXPECT_EQ(take(), "/slow");
}

TEST_F(RouteQueuesTest, AFreedPlaceWakesAWorkerThatSleeps) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queues_.push(0, job_of("/slow")));
    EXPECT_EQ(take(), "/slow");
    EXPECT_EQ(take(), "/slow");
    std::atomic<bool> done = false;
    const std::jthread worker([&](const std::stop_token& stop) { done = queues_.take(stop).has_value(); });
    held_.pop_back();
    queues_.place_freed();
    EXPECT_TRUE(test::eventually([&] { return done.load(); }));
}

TEST_F(RouteQueuesTest, EndsWhenAskedTo) {
    std::atomic<bool> ended = false;
    std::jthread worker([&](const std::stop_token& stop) { ended = !queues_.take(stop).has_value(); });
    worker.request_stop();
    worker.join();
    EXPECT_TRUE(ended);
}

TEST_F(RouteQueuesTest, TakesNothingMoreOnceItEnds) {
    EXPECT_TRUE(queues_.push(0, job_of("/late")));
    stop_.request_stop();
    EXPECT_EQ(take(), "stopped");
    EXPECT_EQ(queues_.waiting(0), 1U);
}

TEST_F(RouteQueuesTest, DrainGivesWhatWaits) {
    EXPECT_TRUE(queues_.push(0, job_of("/a")));
    EXPECT_TRUE(queues_.push(1, job_of("/b")));
    EXPECT_EQ(queues_.drain().size(), 2U);
    EXPECT_EQ(queues_.waiting(0) + queues_.waiting(1), 0U);
}

}  // namespace
}  // namespace platform::gateway
