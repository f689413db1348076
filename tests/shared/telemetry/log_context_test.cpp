#include "shared/telemetry/log_context.hpp"

#include "shared/telemetry/log_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace platform::log {
namespace {

constexpr const char* kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kOther = "00-11111111111111111111111111111111-00f067aa0ba902b7-01";

TEST(LogContext, ATraceLastsAsLongAsItsScope) {
    EXPECT_EQ(context().trace_id, "");
    {
        const TraceScope outer(kTraceparent);
        EXPECT_EQ(context().trace_id, kTrace);
        {
            const TraceScope inner(kOther);
            EXPECT_EQ(context().trace_id, "11111111111111111111111111111111");
        }
        EXPECT_EQ(context().trace_id, kTrace);
    }
    EXPECT_EQ(context().trace_id, "");
}

TEST(LogContext, WhatIsNoTraceChangesNothing) {
    const TraceScope outer(kTraceparent);
    for (const char* bad : {"", "no trace", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}) {
        const TraceScope inner(bad);
        EXPECT_EQ(context().trace_id, kTrace) << bad;
    }
    EXPECT_EQ(context().trace_id, kTrace);
}

TEST(LogContext, AnOrderBelongsToTheThreadAndTheScope) {
    const OrderScope outer("o-1");
    {
        const OrderScope inner("o-2");
        EXPECT_EQ(context().order_id, "o-2");
        std::string seen = "?";
        std::jthread([&seen] { seen = context().order_id; }).join();
        EXPECT_EQ(seen, "");
    }
    EXPECT_EQ(context().order_id, "o-1");
}

}  // namespace
}  // namespace platform::log
