#include "services/gateway/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace platform::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Ran {
    int code;
    std::string out;
    std::string err;
};

Ran run_with(const std::vector<std::string_view>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = run(arguments, out, err);
    return {.code = code, .out = out.str(), .err = err.str()};
}

TEST(GatewayProgram, PrintsItsSettings) {
    setenv("REDIS_PASSWORD", "hunter2", 1);
    const Ran ran = run_with({"--settings"});
    unsetenv("REDIS_PASSWORD");
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    for (const char* name :
         {"HTTP_PORT",
          "ROUTES",
          "ROUTE_ORDERS_PATH",
          "UPSTREAM_PAYMENT",
          "BREAKER_WINDOW",
          "REDIS_PASSWORD",
          "RATE_LIMIT_BURST"}) {
        EXPECT_THAT(ran.out, HasSubstr(name));
    }
    EXPECT_THAT(ran.out, Not(HasSubstr("hunter2")));
}

TEST(GatewayProgram, TellsItsVersionAndItsUsage) {
    EXPECT_THAT(run_with({"--version"}).out, HasSubstr("gateway "));
    EXPECT_EQ(run_with({"--nonsense"}).code, 2);
    EXPECT_THAT(run_with({"--version", "more"}).err, HasSubstr("usage"));
}

TEST(GatewayProgram, EndsWithOneLineThatNamesTheBadSetting) {
    setenv("RATE_LIMIT_BURST", "none", 1);
    const Ran ran = run_with({});
    unsetenv("RATE_LIMIT_BURST");
    EXPECT_EQ(ran.code, 1);
    EXPECT_TRUE(ran.err.starts_with("error: RATE_LIMIT_BURST: ")) << ran.err;
    EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1);
}

}  // namespace
}  // namespace platform::gateway
