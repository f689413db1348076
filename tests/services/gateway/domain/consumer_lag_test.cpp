#include "services/gateway/domain/consumer_lag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FakeLagSource final : public LagSource {
public:
    Result<std::vector<PartitionLag>> lag(const Address& pod) override {
        ++asked;
        if (silent.contains(pod.host)) return fail(ErrorKind::Timeout, pod.host);
        return told[pod.host];
    }
    std::map<std::string, std::vector<PartitionLag>> told;
    std::set<std::string> silent;
    int asked = 0;
};

PartitionLag lag(const char* group, const char* topic, std::int32_t partition, std::int64_t records) {
    return {.group = group, .topic = topic, .partition = partition, .records = records};
}

class ConsumerLagTest : public testing::Test {
protected:
    ConsumerLagTest() {
        order_.update({{"order-0", 8081}, {"order-1", 8081}});
        payment_.update({{"payment-0", 8082}});
        for (const char* pod : {"order-0", "order-1"}) order_.probed({pod, 8081}, true, clock_.wall());
        payment_.probed({"payment-0", 8082}, true, clock_.wall());
    }
    /// "service group records", as seen by one who looks all the time.
    std::vector<std::string> seen() {
        static_cast<void>(lag_.look());
        lag_.step();
        std::vector<std::string> all;
        for (const GroupLag& one : lag_.look()) all.push_back(one.service + " " + one.group + " " + std::to_string(one.records()));
        return all;
    }

    FakeClock clock_;
    Endpoints order_{"order", {}, clock_};
    Endpoints payment_{"payment", {}, clock_};
    FakeLagSource source_;
    ConsumerLag lag_{{&order_, &payment_}, source_, clock_, 2s};
};

TEST_F(ConsumerLagTest, AddsUpByGroupOverPodsAndPartitions) {
    source_.told = {
        {"order-0", {lag("order", "payment.events", 0, 1), lag("order", "inventory.events", 0, 20), lag("timeline", "order.events", 0, 300)}},
        {"order-1", {lag("order", "payment.events", 1, 4000)}},
        {"payment-0", {lag("payment", "order.events", 0, 0)}},
    };
    EXPECT_THAT(seen(), ElementsAre("order order 4021", "order timeline 300", "payment payment 0"));
    EXPECT_THAT(
        lag_.look()[0].partitions,
        ElementsAre(lag("order", "inventory.events", 0, 20), lag("order", "payment.events", 0, 1), lag("order", "payment.events", 1, 4000))
    );
}

TEST_F(ConsumerLagTest, APartitionThatMovedIsItsNewOwners) {
    source_.told = {{"order-0", {lag("order", "payment.events", 0, 0)}}, {"order-1", {lag("order", "payment.events", 0, 7)}}};
    EXPECT_THAT(seen(), ElementsAre("order order 7"));
    source_.told = {{"order-0", {lag("order", "payment.events", 0, 7)}}, {"order-1", {lag("order", "payment.events", 0, 0)}}};
    EXPECT_THAT(seen(), ElementsAre("order order 7"));
}

TEST_F(ConsumerLagTest, AServiceIsLeftOutWhileAPodDoesNotTell) {
    source_.told = {
        {"order-0", {lag("order", "payment.events", 0, 1)}},
        {"order-1", {lag("order", "payment.events", 1, 2)}},
        {"payment-0", {lag("payment", "order.events", 0, 3)}},
    };
    source_.silent = {"order-1"};
    EXPECT_THAT(seen(), ElementsAre("payment payment 3")) << "a sum without order-1's partition would look better than it is";
    source_.silent = {};
    EXPECT_THAT(seen(), ElementsAre("order order 3", "payment payment 3"));
}

TEST_F(ConsumerLagTest, APodThatIsDownIsNotAsked) {
    source_.told = {{"order-0", {lag("order", "payment.events", 0, 1)}}};
    source_.silent = {"order-1"};
    order_.probed({"order-1", 8081}, false, clock_.wall());
    EXPECT_THAT(seen(), ElementsAre("order order 1"));
}

TEST_F(ConsumerLagTest, PodsAreAskedOnlyWhileSomebodyLooks) {
    source_.told = {{"payment-0", {lag("payment", "order.events", 0, 3)}}};
    EXPECT_EQ(lag_.step(), 2s);
    EXPECT_EQ(source_.asked, 0);
    EXPECT_THAT(seen(), ElementsAre("payment payment 3"));
    const int asked = source_.asked;
    clock_.advance(11s);
    lag_.step();
    EXPECT_EQ(source_.asked, asked);
    EXPECT_THAT(lag_.look(), IsEmpty()) << "what was told long ago is not the lag";
}

}  // namespace
}  // namespace platform::gateway
