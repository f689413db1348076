#include "operator/provision/kube_objects.hpp"

#include "operator/api/fields.hpp"
#include "tests/operator/fake_objects.hpp"

#include <gtest/gtest.h>

#include <set>

namespace platform::provision {
namespace {

class KubeObjectsTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    test::FakeObjects api_;
    kube::Client client_{api_, clock_, registry_};
    KubeSecrets secrets_{"shop", client_};
    KubeClaims claims_{"shop", client_};
};

TEST_F(KubeObjectsTest, ReadsWhatASecretHolds) {
    api_.put(
        "/api/v1/namespaces/shop/secrets/s",
        R"({"metadata":{"resourceVersion":"7"},"data":{"password":"Zm9v"}})"
    );
    const auto read = secrets_.read("s");
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->version, "7");
    EXPECT_EQ((*read)->entries.at("password"), "foo");
}

TEST_F(KubeObjectsTest, AbsentIsNotAnErrorAndAnErrorIsNotAbsent) {
    EXPECT_EQ(secrets_.read("s").value(), std::nullopt);
    api_.fail_with(500);
    EXPECT_FALSE(secrets_.read("s"));
    api_.fail_with(403);
    EXPECT_FALSE(secrets_.read("s"));
}

TEST_F(KubeObjectsTest, MakesAnImmutableSecretOnce) {
    ASSERT_TRUE(secrets_.create("s", {{"password", "foo"}}));
    const auto body = json::parse(api_.requests.back().body);
    ASSERT_TRUE(body);
    EXPECT_EQ(api::text_at(*body, "data.password"), "Zm9v");
    EXPECT_EQ(api::text_at(*body, "metadata.name"), "s");
    EXPECT_TRUE(api::flag_at(*body, "immutable", false));
    api_.put("/api/v1/namespaces/shop/secrets", "{}");  // makes the next creation a conflict
    EXPECT_TRUE(secrets_.create("s", {{"password", "bar"}}));
}

TEST_F(KubeObjectsTest, NeverListsSecrets) {
    (void)secrets_.read("a");
    (void)secrets_.create("b", {{"k", "v"}});
    (void)secrets_.remove("c");
    for (const auto& request : api_.requests) {
        EXPECT_FALSE(request.method == "GET" && request.target.ends_with("/secrets")) << request.target;
    }
}

TEST_F(KubeObjectsTest, PasswordsAreLongDifferentAndOfHarmlessCharacters) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string password = secrets_.make_password();
        EXPECT_GE(password.size(), 32U);
        EXPECT_EQ(
            password.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"),
            std::string::npos
        );
        seen.insert(password);
    }
    EXPECT_EQ(seen.size(), 200U);
}

TEST_F(KubeObjectsTest, RemovingIsRepeatable) {
    api_.put("/api/v1/namespaces/shop/persistentvolumeclaims/c", "{}");
    EXPECT_TRUE(claims_.remove("c"));
    EXPECT_FALSE(api_.holds("/api/v1/namespaces/shop/persistentvolumeclaims/c"));
    EXPECT_TRUE(claims_.remove("c"));
    EXPECT_TRUE(secrets_.remove("none"));
}

TEST_F(KubeObjectsTest, WorkloadsAreLookedUpByKind) {
    control::Workloads deployments([] {});
    control::Workloads stateful_sets([] {});
    deployments.changed(*json::parse(R"({"metadata":{"name":"order"},"spec":{"replicas":2}})"));
    stateful_sets.changed(*json::parse(R"({"metadata":{"name":"mysql"},"spec":{"replicas":1}})"));
    const ReflectedWorkloads workloads(deployments, stateful_sets);
    EXPECT_EQ(workloads.find("Deployment", "order")->wanted, 2);
    EXPECT_EQ(workloads.find("StatefulSet", "mysql")->wanted, 1);
    EXPECT_FALSE(workloads.find("StatefulSet", "order"));
}

}  // namespace
}  // namespace platform::provision
