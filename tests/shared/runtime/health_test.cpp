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

TEST(Health, DetailsAreForWhoMaySeeThem) {
    Health health;
    health.set_ready(true);
    health.add("db", [] {
        return Health::Component{.up = true, .details = {{"database", "MySQL"}}, .written = {{"pool", R"({"size":8})"}}};
    });
    EXPECT_EQ(
        health.overall(Health::Show::Status).body,
        R"({"status":"UP","components":{"db":{"status":"UP"},)"
        R"("livenessState":{"status":"UP"},"readinessState":{"status":"UP"}},"groups":["liveness","readiness"]})"
    );
    EXPECT_TRUE(health.overall().body.contains(R"("db":{"status":"UP","details":{"database":"MySQL","pool":{"size":8}}})"));
}

TEST(Health, AComponentCanBeAskedForAlone) {
    Health health;
    bool up = true;
    health.add("db", [&] { return Health::Component{.up = up, .details = {{"database", "MySQL"}}}; });
    ASSERT_TRUE(health.component("db"));
    EXPECT_EQ(health.component("db")->http_status, 200);
    EXPECT_EQ(health.component("db")->body, R"({"status":"UP","details":{"database":"MySQL"}})");
    EXPECT_EQ(health.component("db", Health::Show::Status)->body, R"({"status":"UP"})");
    up = false;
    EXPECT_EQ(health.component("db")->http_status, 503);
    EXPECT_EQ(health.component("livenessState")->body, R"({"status":"UP"})");
    EXPECT_EQ(health.component("readinessState")->http_status, 503);
    EXPECT_FALSE(health.component("cache"));
}

}  // namespace
}  // namespace platform
