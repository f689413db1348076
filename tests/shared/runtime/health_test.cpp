#include "shared/runtime/health.hpp"

#include <gtest/gtest.h>

namespace platform {
namespace {

TEST(Health, LivenessDependsOnNothing) {
    Health health;
    health.add("db", [] { return Health::Component{.up = false, .details = {}}; });
    EXPECT_EQ(health.liveness().http_status, 200);
    EXPECT_EQ(health.liveness().body, R"({"status":"UP"})");
}

TEST(Health, ReadinessFollowsTheSwitchAlone) {
    Health health;
    health.add("db", [] { return Health::Component{.up = false, .details = {}}; });
    EXPECT_EQ(health.readiness().http_status, 503);
    EXPECT_EQ(health.readiness().body, R"({"status":"OUT_OF_SERVICE"})");
    health.set_ready(true);
    EXPECT_EQ(health.readiness().http_status, 200);
    EXPECT_EQ(health.readiness().body, R"({"status":"UP"})");
}

TEST(Health, OverallHasTheComponents) {
    Health health;
    bool up = true;
    health.add("db", [&] { return Health::Component{.up = up, .details = {{"database", "MySQL"}}}; });
    health.add("kafka", [] { return Health::Component{}; });
    health.set_ready(true);
    EXPECT_EQ(health.overall().http_status, 200);
    EXPECT_EQ(
        health.overall().body,
        R"({"status":"UP","components":{"db":{"status":"UP","details":{"database":"MySQL"}},"kafka":{"status":"UP"},)"
        R"("livenessState":{"status":"UP"},"readinessState":{"status":"UP"}},"groups":["liveness","readiness"]})"
    );
    up = false;
    EXPECT_EQ(health.overall().http_status, 503);
    EXPECT_TRUE(health.overall().body.starts_with(R"({"status":"DOWN","components":{"db":{"status":"DOWN",)")
    );
    up = true;
    health.set_ready(false);
    EXPECT_EQ(health.overall().http_status, 503);
    EXPECT_TRUE(health.overall().body.starts_with(R"({"status":"OUT_OF_SERVICE",)"));
}

}  // namespace
}  // namespace platform
