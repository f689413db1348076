#include "operator/provision/kube_platforms.hpp"

#include "operator/api/fields.hpp"
#include "tests/operator/fake_objects.hpp"

#include <gtest/gtest.h>

namespace platform::provision {
namespace {

constexpr const char* kPath = "/apis/orderplatform.io/v1alpha1/namespaces/shop/orderplatforms/orders";

class KubePlatformsTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    test::FakeObjects api_;
    kube::Client client_{api_, clock_, registry_};
    control::PlatformIndex index_{[](const std::string&) {}};
    KubePlatforms platforms_{"shop", client_, index_, clock_};

    void SetUp() override {
        api_.put(
            kPath,
            R"({"metadata":{"name":"orders","namespace":"shop","resourceVersion":"5","finalizers":["other"]},"spec":{}})"
        );
    }
    [[nodiscard]] json::Value last_body() const { return *json::parse(api_.requests.back().body); }
};

TEST_F(KubePlatformsTest, TheFinalizerJoinsThoseOfOthersAndCountsForTheVersionThatWasRead) {
    const auto platform = platforms_.get("orders");
    ASSERT_TRUE(platform);
    ASSERT_TRUE(platforms_.set_finalizer(*platform, true));
    const auto body = last_body();
    EXPECT_EQ(api::text_at(body, "metadata.resourceVersion"), "5");
    const auto& finalizers = api::at(body, "metadata.finalizers")->items();
    ASSERT_EQ(finalizers.size(), 2U);
    EXPECT_EQ(finalizers[0].text(), "other");
    EXPECT_EQ(finalizers[1].text(), api::kFinalizer);
    EXPECT_EQ(api_.requests.back().method, "PATCH");
}

TEST_F(KubePlatformsTest, RemovingTheFinalizerOfAGoneResourceIsDone) {
    auto platform = *platforms_.get("orders");
    platform.finalizers = {std::string(api::kFinalizer)};
    ASSERT_TRUE(platforms_.set_finalizer(platform, false));
    EXPECT_TRUE(api::at(last_body(), "metadata.finalizers")->items().empty());
    platform.name = "gone";
    EXPECT_TRUE(platforms_.set_finalizer(platform, false));
    EXPECT_FALSE(platforms_.set_finalizer(platform, true));
}

TEST_F(KubePlatformsTest, TheStatusGoesToItsSubresource) {
    const auto platform = *platforms_.get("orders");
    api_.put(std::string(kPath) + "/status", R"({"metadata":{"resourceVersion":"6"}})");
    EXPECT_EQ(platforms_.set_status(platform, {}).value(), "6");
    EXPECT_TRUE(api_.requests.back().target.ends_with("/status"));
    EXPECT_TRUE(api::at(last_body(), "status.conditions"));
}

TEST_F(KubePlatformsTest, EventsHaveANameOfTheirOwn) {
    const auto platform = *platforms_.get("orders");
    platforms_.tell(platform, "Succeeded", std::string(5000, 'x'), false);
    const auto first = last_body();
    EXPECT_FALSE(api::text_at(first, "metadata.name").empty());
    EXPECT_EQ(api::at(first, "metadata.generateName"), nullptr);
    EXPECT_LE(api::text_at(first, "note").size(), 1000U);
    api_.fail_with(500);
    platforms_.tell(platform, "Succeeded", "a lost event is no error", false);
}

TEST_F(KubePlatformsTest, SeesANamespaceThatGoesAway) {
    api_.put("/api/v1/namespaces/shop", R"({"status":{"phase":"Active"}})");
    EXPECT_FALSE(platforms_.namespace_terminating().value());
    api_.put("/api/v1/namespaces/shop", R"({"status":{"phase":"Terminating"}})");
    EXPECT_TRUE(platforms_.namespace_terminating().value());
}

TEST_F(KubePlatformsTest, ReleasesThoseThatItHolds) {
    api_.put(KubePlatforms::collection("shop"), R"({"metadata":{},"items":[
        {"metadata":{"name":"orders","namespace":"shop","finalizers":["orderplatform.io/operator","other"]},"spec":{}},
        {"metadata":{"name":"free","namespace":"shop"},"spec":{}}]})");
    EXPECT_EQ(platforms_.release_all().value(), 1);
    const auto body = last_body();
    EXPECT_EQ(api::at(body, "metadata.finalizers")->items().size(), 1U);
    EXPECT_FALSE(api::annotation_of(body, api::kReleasedAt).empty());
}

TEST_F(KubePlatformsTest, AMissingDefinitionMeansNothingToRelease) {
    EXPECT_EQ(platforms_.release_all().value(), 0);
}

}  // namespace
}  // namespace platform::provision
