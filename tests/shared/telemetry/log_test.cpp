#include "shared/telemetry/log.hpp"

#include "shared/core/json.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace platform::log {
namespace {

/// What the function wrote to standard error, line by line; each line has to be JSON.
std::vector<json::Value> written_by(const std::function<void()>& function) {
    testing::internal::CaptureStderr();
    function();
    std::istringstream text(testing::internal::GetCapturedStderr());
    std::vector<json::Value> lines;
    for (std::string line; std::getline(text, line);) {
        auto parsed = json::parse(line);
        EXPECT_TRUE(parsed.has_value()) << line;
        if (parsed) lines.push_back(*std::move(parsed));
    }
    return lines;
}

TEST(Log, WritesTheServiceAndTheLevel) {
    configure("order", Level::Info);
    const auto lines = written_by([] {
        info("ready", {{"port", 8081}});
        debug("not wanted");
        warn("coped");
        error("act");
    });
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].find("service")->text(), "order");
    EXPECT_EQ(lines[0].find("level")->text(), "info");
    EXPECT_EQ(lines[0].find("port")->text(), "8081");
    EXPECT_EQ(lines[1].find("level")->text(), "warn");
    EXPECT_EQ(lines[2].find("level")->text(), "error");
    EXPECT_EQ(lines[2].find("correlation_id"), nullptr);
}

TEST(Log, FollowsTheThreshold) {
    configure("order", Level::Error);
    EXPECT_TRUE(written_by([] { warn("below the threshold"); }).empty());
    set_threshold(Level::Debug);
    EXPECT_EQ(threshold(), Level::Debug);
    EXPECT_EQ(written_by([] { debug("all of it"); }).size(), 1U);
    set_threshold(Level::Info);
}

TEST(Log, ThrottlesOneMessageOnly) {
    const auto lines = written_by([] {
        for (int i = 0; i < 1000; ++i) info("the same again");
        info("another");
    });
    // A second may pass within the loop, so at most two windows' worth.
    EXPECT_GE(lines.size(), static_cast<std::size_t>(kRepeatsPerSecond) + 1);
    EXPECT_LE(lines.size(), static_cast<std::size_t>(2 * kRepeatsPerSecond) + 1);
    EXPECT_EQ(lines.back().find("message")->text(), "another");
}

TEST(Log, CorrelationBelongsToTheThreadAndTheScope) {
    const auto lines = written_by([] {
        const CorrelationScope outer("outer");
        info("one");
        {
            const CorrelationScope inner("inner");
            info("two");
            std::jthread([] { info("three"); }).join();
        }
        info("four");
    });
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].find("correlation_id")->text(), "outer");
    EXPECT_EQ(lines[1].find("correlation_id")->text(), "inner");
    EXPECT_EQ(lines[2].find("correlation_id"), nullptr);
    EXPECT_EQ(lines[3].find("correlation_id")->text(), "outer");
}

TEST(Log, LinesOfThreadsDoNotMix) {
    constexpr int kThreads = 8;
    const auto lines = written_by([] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([i] {
                for (int n = 0; n < 10; ++n)
                    info("from a thread " + std::to_string(i), {{"long", std::string(2000, 'x')}});
            });
        }
    });
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(kThreads * 10));
}

TEST(Log, ReadsLevels) {
    Level level = Level::Error;
    EXPECT_TRUE(parse_level("debug", level));
    EXPECT_EQ(level, Level::Debug);
    EXPECT_TRUE(parse_level("error", level));
    EXPECT_EQ(level, Level::Error);
    EXPECT_FALSE(parse_level("INFO", level));
    EXPECT_EQ(level, Level::Info);
}

}  // namespace
}  // namespace platform::log
