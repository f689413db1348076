#include "operator/provision/helm_releases.hpp"

#include "tests/operator/fake_objects.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace platform::provision {
namespace {

using State = reconcile::ReleaseSeen::State;
namespace fs = std::filesystem;

/// A shell script in helm's place: notes its arguments, input and environment, then does what the test says.
class HelmReleasesTest : public testing::Test {
protected:
    void SetUp() override {
        directory_ = fs::path(testing::TempDir()) / ("helm-" + std::to_string(getpid()));
        fs::remove_all(directory_);
        fs::create_directories(directory_);
        behave("exit 0");
        api_.put("/api/v1/namespaces/shop/serviceaccounts/helm/token", R"({"status":{"token":"secret-token"}})");
    }
    void TearDown() override { fs::remove_all(directory_); }

    void behave(const std::string& script) const {
        std::ofstream(directory_ / "helm") << "#!/bin/sh\ncd " << directory_.string()
                                           << "\necho \"$@\" >> calls\n/usr/bin/env > environment\n"
                                           << "if [ \"$1\" = upgrade ]; then /bin/cat > input; fi\n"
                                           << script << "\n";
        chmod((directory_ / "helm").c_str(), 0755);
    }
    [[nodiscard]] std::string file(const char* name) const {
        std::ifstream in(directory_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void record(
        const std::string& name,
        int revision,
        const std::string& status,
        const std::string& digest = "d1"
    ) {
        api_.put(
            "/api/v1/namespaces/shop/secrets/sh.helm.release.v1." + name + ".v" + std::to_string(revision),
            R"({"metadata":{"labels":{"status":")" + status + R"(","orderplatform.io/digest":")" + digest +
                R"("}}})"
        );
    }

    fs::path directory_;
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    test::FakeObjects api_;
    kube::Client client_{api_, clock_, registry_};
    HelmProcess process_{
        (fs::path(testing::TempDir()) / ("helm-" + std::to_string(getpid())) / "helm").string(),
        std::chrono::seconds(20)
    };
    HelmReleases releases_{
        {.name_space = "shop",
         .charts = "/charts",
         .service_account = "helm",
         .api_url = "https://api",
         .ca_file = "/ca",
         .home = "/tmp"},
        client_,
        process_,
        clock_
    };
};

TEST_F(HelmReleasesTest, ReadsTheNewestRevisionWithoutHelm) {
    record("order", 3, "superseded", "old");
    record("order", 4, "deployed", "new");
    for (const std::int64_t known : {3, 4}) {
        const auto seen = releases_.inspect("order", known, true);
        ASSERT_TRUE(seen);
        EXPECT_EQ(seen->state, State::Deployed);
        EXPECT_EQ(seen->revision, 4);
        EXPECT_EQ(seen->digest, "new");
    }
    EXPECT_EQ(file("calls"), "");
}

TEST_F(HelmReleasesTest, AKilledHelmLeavesALockedRelease) {
    record("order", 1, "deployed");
    record("order", 2, "pending-upgrade");
    EXPECT_EQ(releases_.inspect("order", 1, false)->state, State::Locked);
    ASSERT_TRUE(releases_.unlock("order", 2));
    EXPECT_EQ(releases_.inspect("order", 2, false)->state, State::Deployed);
    EXPECT_EQ(releases_.inspect("order", 2, false)->revision, 1);
}

TEST_F(HelmReleasesTest, StatusesBecomeStates) {
    const std::pair<const char*, State> cases[] = {
        {"deployed", State::Deployed},
        {"failed", State::Failed},
        {"pending-install", State::Locked},
        {"pending-rollback", State::Locked},
        {"uninstalling", State::Failed},
        {"uninstalled", State::Absent}
    };
    for (const auto& [status, state] : cases) {
        record("order", 1, status);
        EXPECT_EQ(releases_.inspect("order", 0, false)->state, state) << status;
    }
}

TEST_F(HelmReleasesTest, AReadErrorIsNotAbsence) {
    api_.fail_with(500);
    EXPECT_FALSE(releases_.inspect("order", 0, false));
    api_.fail_with(403);
    EXPECT_EQ(releases_.inspect("order", 0, true).error().kind, ErrorKind::Denied);
}

TEST_F(HelmReleasesTest, WhereItMattersHelmItselfSaysAbsentAndIsAskedOnce) {
    behave("echo 'Error: release: not found' >&2; exit 1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(releases_.inspect("order", 0, true)->state, State::Absent);
    EXPECT_EQ(file("calls"), "history order --namespace shop --max 1 --output json\n");
}

TEST_F(HelmReleasesTest, AForgottenReleaseIsFoundThoughItsFirstRevisionsAreCleared) {
    behave(R"(echo '[{"revision":9,"status":"deployed"}]')");
    EXPECT_EQ(releases_.inspect("order", 0, false)->state, State::Absent)
        << "harmless: an installation is an upgrade then";
    const auto seen = releases_.inspect("order", 0, true);
    EXPECT_EQ(seen->state, State::Deployed);
    EXPECT_EQ(seen->revision, 9);
}

TEST_F(HelmReleasesTest, InstallsWithValuesOnInputAndTheTokenInTheEnvironment) {
    const reconcile::ReleaseWanted release{
        .name = "order", .chart = "service", .values = R"({"replicas":2})", .digest = "d9"
    };
    ASSERT_TRUE(releases_.install(release));
    EXPECT_EQ(
        file("calls"),
        "upgrade order /charts/service --install --namespace shop --values - --labels "
        "orderplatform.io/digest=d9 --history-max 5\n"
    );
    EXPECT_EQ(file("input"), R"({"replicas":2})");
    EXPECT_TRUE(file("environment").contains("HELM_KUBETOKEN=secret-token\n"));
    EXPECT_FALSE(file("calls").contains("secret-token"));
}

TEST_F(HelmReleasesTest, OneTokenServesManyCallsButNotForEver) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(releases_.uninstall("order"));
    EXPECT_EQ(api_.creations("/token"), 1);
    clock_.advance(std::chrono::minutes(6));
    ASSERT_TRUE(releases_.uninstall("order"));
    EXPECT_EQ(api_.creations("/token"), 2);
}

TEST_F(HelmReleasesTest, HelmsComplaintIsTheError) {
    behave("echo 'Error: the moon is in the wrong house' >&2; exit 1");
    const auto done = releases_.install({.name = "order", .chart = "service"});
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().what.contains("the moon is in the wrong house"));
}

TEST_F(HelmReleasesTest, WithoutATokenNothingIsRun) {
    api_.take_away("/api/v1/namespaces/shop/serviceaccounts/helm/token");
    EXPECT_FALSE(releases_.install({.name = "order", .chart = "service"}));
    EXPECT_EQ(file("calls"), "");
}

}  // namespace
}  // namespace platform::provision
