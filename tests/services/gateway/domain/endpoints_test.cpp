#include "services/gateway/domain/endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using Failure = Endpoints::Failure;
using Status = Endpoints::Status;

const Address kA{"10.0.0.1", 8081};
const Address kB{"10.0.0.2", 8081};
const Address kC{"10.0.0.3", 8081};

class EndpointsTest : public testing::Test {
protected:
    void all_up() {
        endpoints_.update({kA, kB, kC});
        for (const auto& pod : {kA, kB, kC}) endpoints_.probed(pod, true, clock_.wall());
    }
    std::map<Address, int> counts(int calls, std::vector<Address> tried = {}) {
        std::map<Address, int> by_pod;
        for (int i = 0; i < calls; ++i) ++by_pod[*endpoints_.next(tried)];
        return by_pod;
    }

    FakeClock clock_;
    Endpoints endpoints_{"order", {.failures_to_eject = 3, .eject_for = 5s}, clock_};
};

TEST_F(EndpointsTest, OfNoPodsGivesNone) {
    EXPECT_EQ(endpoints_.next({}), std::nullopt);
    EXPECT_FALSE(endpoints_.up());
}

TEST_F(EndpointsTest, TakesTurns) {
    all_up();
    EXPECT_EQ(counts(30), (std::map<Address, int>{{kA, 10}, {kB, 10}, {kC, 10}}));
    EXPECT_TRUE(endpoints_.up());
}

TEST_F(EndpointsTest, SharesEvenlyAmongTheGoodOnes) {
    all_up();
    endpoints_.probed(kB, false, clock_.wall());
    EXPECT_EQ(counts(30), (std::map<Address, int>{{kA, 15}, {kC, 15}}));
}

TEST_F(EndpointsTest, UsesPodsThatWereNotProbedYet) {
    endpoints_.update({kA, kB});
    EXPECT_EQ(counts(10).size(), 2U);
    EXPECT_FALSE(endpoints_.up()) << "unknown is not up";
}

TEST_F(EndpointsTest, SetsAPodAsideAtOnceWhenItCannotBeConnectedTo) {
    all_up();
    endpoints_.failed(kA, Failure::NoConnection);
    EXPECT_FALSE(counts(30).contains(kA));
    EXPECT_TRUE(endpoints_.pods()[0].ejected);
    clock_.advance(5s);
    EXPECT_TRUE(counts(30).contains(kA));
    EXPECT_FALSE(endpoints_.pods()[0].ejected);
}

TEST_F(EndpointsTest, SetsAPodAsideAfterFailuresInARow) {
    all_up();
    for (int i = 0; i < 2; ++i) endpoints_.failed(kA, Failure::Call);
    endpoints_.succeeded(kA);
    for (int i = 0; i < 2; ++i) endpoints_.failed(kA, Failure::Call);
    EXPECT_TRUE(counts(30).contains(kA)) << "a success in between starts the count again";
    endpoints_.failed(kA, Failure::Call);
    EXPECT_FALSE(counts(30).contains(kA));
}

TEST_F(EndpointsTest, ADoubtfulPodIsBetterThanNone) {
    all_up();
    for (const auto& pod : {kA, kB, kC}) endpoints_.failed(pod, Failure::NoConnection);
    EXPECT_EQ(counts(30).size(), 3U);
    endpoints_.probed(kA, false, clock_.wall());
    EXPECT_FALSE(counts(30).contains(kA)) << "set aside is better than down";
}

TEST_F(EndpointsTest, PrefersAPodThatWasNotTried) {
    all_up();
    EXPECT_EQ(counts(10, {kA, kB}), (std::map<Address, int>{{kC, 10}}));
    EXPECT_EQ(counts(9, {kA, kB, kC}).size(), 3U) << "all were tried: again from the start";
}

TEST_F(EndpointsTest, KeepsWhatItKnowsOfPodsThatStay) {
    all_up();
    endpoints_.failed(kB, Failure::NoConnection);
    EXPECT_TRUE(endpoints_.update({kC, kB, kB, Address{"10.0.0.4", 8081}}));
    const auto pods = endpoints_.pods();
    ASSERT_EQ(pods.size(), 3U);
    EXPECT_EQ(pods[0].address, kB);
    EXPECT_TRUE(pods[0].ejected);
    EXPECT_EQ(pods[0].status, Status::Up);
    EXPECT_EQ(pods[2].status, Status::Unknown);
    EXPECT_EQ(pods[2].probed_at, std::nullopt);
    EXPECT_FALSE(endpoints_.update({Address{"10.0.0.4", 8081}, kB, kC})) << "the same pods in another order";
}

TEST_F(EndpointsTest, IgnoresNewsOfPodsThatAreGone) {
    all_up();
    endpoints_.update({kA});
    endpoints_.failed(kB, Failure::NoConnection);
    endpoints_.succeeded(kB);
    endpoints_.probed(kB, true, clock_.wall());
    EXPECT_EQ(endpoints_.pods().size(), 1U);
}

TEST_F(EndpointsTest, TheServicesOwnAddressIsTheLastResortButOne) {
    const Address service{"order", 8081};
    Endpoints endpoints("order", {.failures_to_eject = 3, .eject_for = 5s}, clock_, service);
    EXPECT_EQ(endpoints.next({}), service) << "no pod is known yet";
    EXPECT_EQ(endpoints.next(std::vector{service}), std::nullopt);

    endpoints.update({kA, kB});
    EXPECT_NE(endpoints.next({}), service);
    EXPECT_EQ(endpoints.next(std::vector{kA}), kB) << "a good pod comes first";
    EXPECT_EQ(endpoints.next(std::vector{kA, kB}), service);
    endpoints.failed(kA, Failure::NoConnection);
    endpoints.failed(kB, Failure::NoConnection);
    EXPECT_EQ(endpoints.next({}), service) << "all that are known are set aside";
    endpoints.failed(service, Failure::NoConnection);
    const auto doubtful = endpoints.next(std::vector{service});
    ASSERT_TRUE(doubtful.has_value());
    EXPECT_NE(*doubtful, service) << "asked once for each request";
    clock_.advance(6s);
    EXPECT_NE(endpoints.next({}), service);
}

}  // namespace
}  // namespace platform::gateway
