#include "shared/telemetry/timer_table.hpp"

#include <gmock/gmock.h>

#include <barrier>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

namespace platform::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TimerTableTest : public testing::Test {
protected:
    Timer make(std::string_view route, int status) {
        return registry_.timer("requests_seconds", "help", {{"route", std::string(route)}, {"status", std::to_string(status)}});
    }
    void record(std::string_view route, int status) {
        table_.get(std::tuple(route, status), [&] { return make(route, status); }).record(1ms);
    }
    static std::string count_of(std::string_view route, int status, int count) {
        return "requests_seconds_count{application=\"test\",route=\"" + std::string(route) + "\",status=\"" + std::to_string(status) + "\"} " +
               std::to_string(count) + "\n";
    }

    Registry registry_{"test"};
    TimerTable<std::tuple<std::string, int>> table_;
};

TEST_F(TimerTableTest, ATimerIsMadeOnceForItsKey) {
    int made = 0;
    for (int i = 0; i < 3; ++i) {
        const std::string passing = "/orders";  // the table keeps its own copy
        const auto first = [&] {
            ++made;
            return make(passing, 200);
        };
        table_.get(std::tuple(std::string_view(passing), 200), first).record(1ms);
    }
    EXPECT_EQ(made, 1);
    EXPECT_THAT(registry_.scrape(), HasSubstr(count_of("/orders", 200, 3)));
}

TEST_F(TimerTableTest, EveryPartOfTheKeyTells) {
    record("/orders", 200);
    record("/orders", 503);
    record("/stock", 503);
    record("/stock", 503);
    const std::string text = registry_.scrape();
    EXPECT_THAT(text, HasSubstr(count_of("/orders", 200, 1)));
    EXPECT_THAT(text, HasSubstr(count_of("/orders", 503, 1)));
    EXPECT_THAT(text, HasSubstr(count_of("/stock", 503, 2)));
}

TEST_F(TimerTableTest, WhileATimerIsMadeOthersAreFoundAndMade) {
    record("/known", 200);
    const auto slow = [&] {
        record("/known", 200);
        record("/new", 200);
        return make("/slow", 200);
    };
    table_.get(std::tuple(std::string_view("/slow"), 200), slow).record(1ms);
    const std::string text = registry_.scrape();
    EXPECT_THAT(text, HasSubstr(count_of("/known", 200, 2)));
    EXPECT_THAT(text, HasSubstr(count_of("/new", 200, 1)));
    EXPECT_THAT(text, HasSubstr(count_of("/slow", 200, 1)));
}

TEST_F(TimerTableTest, OfTwoWhoMakeTheSameTimerTheFirstOneStays) {
    const auto overtaken = [&] {
        record("/orders", 200);
        return make("/orders of the second", 200);
    };
    table_.get(std::tuple(std::string_view("/orders"), 200), overtaken).record(1ms);
    record("/orders", 200);
    const std::string text = registry_.scrape();
    EXPECT_THAT(text, HasSubstr(count_of("/orders", 200, 3)));
    EXPECT_THAT(text, HasSubstr(count_of("/orders of the second", 200, 0)));
}

TEST_F(TimerTableTest, LosesNothingBetweenThreads) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 50;
    constexpr int kStatuses = 300;  // several in each of the table's lists
    std::barrier begin(kThreads);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&] {
                for (int round = 0; round < kRounds; ++round) {
                    if (round == 0) begin.arrive_and_wait();  // all come with the same new keys
                    for (int status = 0; status < kStatuses; ++status) record("/orders", status);
                }
            });
        }
    }
    const std::string text = registry_.scrape();
    for (int status = 0; status < kStatuses; ++status) EXPECT_THAT(text, HasSubstr(count_of("/orders", status, kThreads * kRounds)));
}

}  // namespace
}  // namespace platform::metrics
