#include "services/gateway/adapters/services_report.hpp"

#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

TEST(ServicesReport, ShowsEveryServiceAndPod) {
    FakeClock clock;
    Endpoints order("order", {}, clock);
    order.update({{"10.0.0.1", 8081}, {"10.0.0.2", 8081}});
    order.probed({"10.0.0.1", 8081}, true, clock.wall());
    order.failed({"10.0.0.2", 8081}, Endpoints::Failure::NoConnection);
    const Endpoints payment("payment", {}, clock);
    const Endpoints* services[] = {&order, &payment};
    EXPECT_EQ(
        services_report("gateway-0", true, services),
        R"({"status":"DOWN","services":[{"name":"gateway","status":"UP","pods":[{"address":"gateway-0","status":"UP","ejected":false}]},)"
        R"({"name":"order","status":"UP","pods":[{"address":"10.0.0.1:8081","status":"UP","ejected":false,"probedAt":"2026-01-01T00:00:00.000000Z"},)"
        R"({"address":"10.0.0.2:8081","status":"UNKNOWN","ejected":true}]},{"name":"payment","status":"DOWN","pods":[]}]})"
    );
}

TEST(ServicesReport, IsUpWhenAllAre) {
    FakeClock clock;
    Endpoints order("order", {}, clock);
    order.update({{"10.0.0.1", 8081}});
    order.probed({"10.0.0.1", 8081}, true, clock.wall());
    const Endpoints* services[] = {&order};
    EXPECT_TRUE(services_report("g", true, services).starts_with(R"({"status":"UP",)"));
    EXPECT_TRUE(services_report("g", false, services).starts_with(R"({"status":"DOWN",)"));
}

}  // namespace
}  // namespace platform::gateway
