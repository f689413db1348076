#include "services/gateway/domain/discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using Status = Endpoints::Status;

class FakeResolver final : public Resolver {
public:
    Result<std::vector<Address>> resolve(const Address& name) override {
        const auto found = names.find(name.host);
        if (found == names.end()) return fail(ErrorKind::NotFound, name.host);
        std::vector<Address> pods;
        for (const auto& host : found->second) pods.push_back({host, name.port});
        return pods;
    }
    std::map<std::string, std::vector<std::string>> names;
};

class FakeProber final : public Prober {
public:
    bool ready(const Address& pod) override { return up.contains(pod.host); }
    std::set<std::string> up;
};

class DiscoveryTest : public testing::Test {
protected:
    std::vector<std::string> hosts() {
        std::vector<std::string> all;
        for (const auto& pod : endpoints_.pods())
            all.push_back(pod.address.host + (pod.status == Status::Up ? "+" : "-"));
        return all;
    }

    FakeClock clock_;
    Endpoints endpoints_{"order", {}, clock_};
    FakeResolver resolver_;
    FakeProber prober_;
    Discovery discovery_{endpoints_, {{"order-a", 1}, {"order-b", 2}}, resolver_, prober_, clock_, 2s};
};

TEST_F(DiscoveryTest, FindsAndProbesAllPods) {
    resolver_.names = {{"order-a", {"10.0.0.2", "10.0.0.1"}}, {"order-b", {"10.0.0.3"}}};
    prober_.up = {"10.0.0.1", "10.0.0.3"};
    EXPECT_FALSE(discovery_.ran());
    EXPECT_EQ(discovery_.step(), 2s);
    EXPECT_TRUE(discovery_.ran());
    EXPECT_THAT(hosts(), testing::ElementsAre("10.0.0.1+", "10.0.0.2-", "10.0.0.3+"));
    EXPECT_EQ(endpoints_.pods()[0].probed_at, clock_.wall());
}

TEST_F(DiscoveryTest, FollowsPodsThatComeAndGo) {
    resolver_.names = {{"order-a", {"10.0.0.1"}}, {"order-b", {}}};
    discovery_.step();
    resolver_.names = {{"order-a", {"10.0.0.9"}}, {"order-b", {}}};
    prober_.up = {"10.0.0.9"};
    discovery_.step();
    EXPECT_THAT(hosts(), testing::ElementsAre("10.0.0.9+"));
}

TEST_F(DiscoveryTest, KeepsTheLastGoodAnswerOfEachName) {
    resolver_.names = {{"order-a", {"10.0.0.1"}}, {"order-b", {"10.0.0.2"}}};
    discovery_.step();
    resolver_.names = {{"order-b", {"10.0.0.3"}}};
    discovery_.step();
    EXPECT_THAT(hosts(), testing::ElementsAre("10.0.0.1-", "10.0.0.3-"));
}

TEST_F(DiscoveryTest, HasRunEvenWhenNothingWasFound) {
    discovery_.step();
    EXPECT_TRUE(discovery_.ran());
    EXPECT_TRUE(hosts().empty());
}

}  // namespace
}  // namespace platform::gateway
