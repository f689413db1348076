#include "operator/reconcile/assess.hpp"

#include "operator/reconcile/plan.hpp"
#include "tests/operator/reconcile/fake_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::reconcile {
namespace {

using api::Truth;
using testing::HasSubstr;

api::Condition find(const api::Status& status, const std::string& type) {
    const auto* found = api::find_condition(status.conditions, type);
    EXPECT_TRUE(found) << type;
    return found ? *found : api::Condition{};
}

TEST(Assess, AllConditionsAreThereFromTheFirstLookOn) {
    const auto desired = desired_state({}, test::defaults(), {});
    const Observed observed;
    const auto status = assess(7, desired, observed, plan(desired, observed), std::nullopt);
    for (const char* type :
         {"Ready", "InfrastructureReady", "TopicsReady", "DatabasesReady", "ServicesReady"}) {
        const auto condition = find(status, type);
        EXPECT_NE(condition.status, Truth::True) << type;
        EXPECT_FALSE(condition.reason.empty()) << type;
        EXPECT_EQ(condition.observed_generation, 7) << type;
    }
    EXPECT_EQ(status.summary, (api::Summary{.services = "0/5", .topics = "0/8", .databases = "0/4"}));
}

TEST(Assess, NamesTheWorkloadThatIsWaitedFor) {
    const auto desired = desired_state({}, test::defaults(), {});
    Observed observed{.finalizer = true};
    for (const auto& release : desired.releases) {
        observed.releases[release.name] = {
            .state = ReleaseSeen::State::Deployed, .revision = 1, .digest = release.digest
        };
        for (const auto& workload : release.workloads) {
            observed.workloads[release.workload_kind + "/" + workload] = {
                .wanted = 1, .ready = 1, .current = true, .stuck = false, .message = ""
            };
        }
    }
    observed.workloads["Deployment/order"].ready = 0;
    observed.workloads["Deployment/payment"].stuck = true;
    observed.workloads["Deployment/payment"].message = "exceeded its progress deadline";
    observed.workloads.erase("Deployment/gateway");
    const auto status = assess(1, desired, observed, {}, std::nullopt);
    const auto services = find(status, "ServicesReady");
    EXPECT_EQ(services.reason, "Failing");
    EXPECT_THAT(services.message, HasSubstr("Deployment order has 0 of 1 pods ready"));
    EXPECT_THAT(services.message, HasSubstr("exceeded its progress deadline"));
    EXPECT_THAT(services.message, HasSubstr("Deployment gateway is not there yet"));
    EXPECT_EQ(status.summary.services, "2/5");
    EXPECT_EQ(find(status, "InfrastructureReady").status, Truth::True);
}

TEST(Assess, AnUnreachableBackendIsUnknown) {
    const auto desired = desired_state({}, test::defaults(), {});
    Observed observed{.finalizer = true};
    observed.topics.error = Error{.kind = ErrorKind::Timeout, .what = "no answer in 5 s"};
    const auto status = assess(1, desired, observed, {}, std::nullopt);
    EXPECT_EQ(find(status, "TopicsReady").status, Truth::Unknown);
    EXPECT_THAT(find(status, "TopicsReady").message, HasSubstr("no answer in 5 s"));
    EXPECT_EQ(status.summary.topics, "?/8");
}

TEST(Assess, TheMostTellingReasonComesFirst) {
    const auto desired = desired_state({}, test::defaults(), {});
    const std::optional<Failure> failure =
        Failure{"install release order", {.kind = ErrorKind::Internal, .what = "boom"}};
    EXPECT_EQ(find(assess(1, desired, {.invalid = "bad"}, {}, failure), "Ready").reason, "InvalidSpec");
    EXPECT_EQ(find(assess(1, desired, {.rival = "x"}, {}, failure), "Ready").reason, "ResourceConflict");
    EXPECT_EQ(find(assess(1, desired, {.deleting = true}, {}, failure), "Ready").reason, "DeletionBlocked");
    EXPECT_EQ(find(assess(1, desired, {.deleting = true}, {}, std::nullopt), "Ready").reason, "Deleting");
    EXPECT_EQ(find(assess(1, desired, {}, {}, failure), "Ready").reason, "StepFailed");
    EXPECT_EQ(find(assess(1, desired, {.suspended = true}, {}, std::nullopt), "Ready").reason, "Suspended");
}

TEST(Assess, AMessageIsNeverEndless) {
    const auto desired = desired_state({}, test::defaults(), {});
    const std::optional<Failure> failure =
        Failure{"x", {.kind = ErrorKind::Internal, .what = std::string(100'000, 'y')}};
    EXPECT_LE(find(assess(1, desired, {}, {}, failure), "Ready").message.size(), 1000U);
}

}  // namespace
}  // namespace platform::reconcile
