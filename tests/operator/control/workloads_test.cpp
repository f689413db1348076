#include "operator/control/workloads.hpp"

#include <gtest/gtest.h>

namespace platform::control {
namespace {

json::Value object(const std::string& text) {
    return *json::parse(text);
}

TEST(Workloads, ReadyMeansTheLatestVersionEverywhere) {
    struct Case {
        const char* name;
        const char* text;
        bool ready;
    };
    for (const auto& [name, text, ready] : {
             Case{
                 "all ready",
                 R"({"metadata":{"generation":2},"spec":{"replicas":2},"status":{"observedGeneration":2,"readyReplicas":2,"updatedReplicas":2}})",
                 true
             },
             Case{
                 "scaled to none",
                 R"({"metadata":{"generation":2},"spec":{"replicas":0},"status":{"observedGeneration":2}})",
                 true
             },
             Case{
                 "spec not seen yet",
                 R"({"metadata":{"generation":3},"spec":{"replicas":2},"status":{"observedGeneration":2,"readyReplicas":2,"updatedReplicas":2}})",
                 false
             },
             Case{
                 "old pods ready",
                 R"({"metadata":{"generation":2},"spec":{"replicas":2},"status":{"observedGeneration":2,"readyReplicas":2,"updatedReplicas":1}})",
                 false
             },
             Case{
                 "new pod beside the old one",
                 R"({"metadata":{"generation":2},"spec":{"replicas":1},"status":{"observedGeneration":2,"readyReplicas":1,"updatedReplicas":1,"unavailableReplicas":1}})",
                 false
             },
             Case{"nothing yet", R"({"metadata":{"generation":1},"spec":{"replicas":1}})", false},
         }) {
        SCOPED_TRACE(name);
        EXPECT_EQ(read_workload(object(text)).is_ready(), ready);
    }
}

TEST(Workloads, ADeploymentPastItsDeadlineIsStuck) {
    const auto state = read_workload(object(
        R"({"status":{"conditions":[{"type":"Available","status":"False"},{"type":"Progressing","status":"False","message":"timed out"}]}})"
    ));
    EXPECT_TRUE(state.stuck);
    EXPECT_EQ(state.message, "timed out");
}

TEST(Workloads, FollowsTheObjectsAndTellsOfChanges) {
    int told = 0;
    Workloads workloads([&] { ++told; });
    workloads.replace_all({object(R"({"metadata":{"name":"a"}})"), object(R"({"metadata":{"name":"b"}})")});
    EXPECT_TRUE(workloads.find("a"));
    workloads.changed(object(R"({"metadata":{"name":"a"},"spec":{"replicas":5}})"));
    EXPECT_EQ(workloads.find("a")->wanted, 5);
    workloads.deleted(object(R"({"metadata":{"name":"a"}})"));
    EXPECT_FALSE(workloads.find("a"));
    workloads.replace_all({});
    EXPECT_FALSE(workloads.find("b"));
    EXPECT_EQ(told, 4);
}

}  // namespace
}  // namespace platform::control
