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
        services_report("gateway-0", true, services, {}),
        R"({"status":"DOWN","services":[{"name":"gateway","status":"UP","pods":[{"address":"gateway-0","status":"UP","ejected":false}]},)"
        R"({"name":"order","status":"UP","pods":[{"address":"10.0.0.1:8081","status":"UP","ejected":false,"probedAt":"2026-01-01T00:00:00.000000Z"},)"
        R"({"address":"10.0.0.2:8081","status":"UNKNOWN","ejected":true}]},{"name":"payment","status":"DOWN","pods":[]}],"consumers":[]})"
    );
}

TEST(ServicesReport, IsUpWhenAllAre) {
    FakeClock clock;
    Endpoints order("order", {}, clock);
    order.update({{"10.0.0.1", 8081}});
    order.probed({"10.0.0.1", 8081}, true, clock.wall());
    const Endpoints* services[] = {&order};
    EXPECT_TRUE(services_report("g", true, services, {}).starts_with(R"({"status":"UP",)"));
    EXPECT_TRUE(services_report("g", false, services, {}).starts_with(R"({"status":"DOWN",)"));
}

TEST(ServicesReport, ShowsTheLagByGroupAndPartition) {
    const GroupLag consumers[] = {
        {.service = "payment",
         .group = "payment-service",
         .partitions =
             {{.group = "payment-service", .topic = "order.events", .partition = 0, .records = 5},
              {.group = "payment-service", .topic = "order.events", .partition = 1, .records = 7}}},
        {.service = "order", .group = "order-timeline", .partitions = {}},
    };
    EXPECT_TRUE(services_report("g", true, {}, consumers)
                    .ends_with(
                        R"("consumers":[{"group":"payment-service","service":"payment","lag":12,"partitions":[)"
                        R"({"topic":"order.events","partition":0,"lag":5},{"topic":"order.events","partition":1,"lag":7}]},)"
                        R"({"group":"order-timeline","service":"order","lag":0,"partitions":[]}]})"
                    ))
        << services_report("g", true, {}, consumers);
}

}  // namespace
}  // namespace platform::gateway
