#include "services/gateway/adapters/http_lag_source.hpp"

#include "shared/kafka/consumer_metrics.hpp"
#include "tests/services/gateway/fake_upstream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;
using testing::UnorderedElementsAre;

class HttpLagSourceTest : public testing::Test {
protected:
    [[nodiscard]] Address address() const { return {"127.0.0.1", pod_.port()}; }

    test::FakeUpstream pod_;
    HttpLagSource source_{5s};
};

TEST_F(HttpLagSourceTest, ReadsWhatConsumersPublish) {
    kafka::ConsumerMetrics payment(pod_.registry(), "payment-0", "payment");
    payment.assigned({{"order.events", 0}, {"order.events", 11}});
    payment.statistics(
        R"({"topics":{"order.events":{"partitions":{"0":{"consumer_lag":7},"11":{"consumer_lag":0}}}}})"
    );
    kafka::ConsumerMetrics other(pod_.registry(), "payment-1", "audit");
    other.assigned({{"payment.events", 2}});
    other.statistics(R"({"topics":{"payment.events":{"partitions":{"2":{"consumer_lag":3}}}}})");
    const auto told = source_.lag(address());
    ASSERT_TRUE(told.has_value()) << told.error().what;
    EXPECT_THAT(
        *told,
        UnorderedElementsAre(
            PartitionLag{.group = "payment", .topic = "order.events", .partition = 0, .records = 7},
            PartitionLag{.group = "payment", .topic = "order.events", .partition = 11, .records = 0},
            PartitionLag{.group = "audit", .topic = "payment.events", .partition = 2, .records = 3}
        )
    ) << "records_lag_max is no partition's";
}

TEST_F(HttpLagSourceTest, APodWithoutConsumersHasNone) {
    const auto told = source_.lag(address());
    ASSERT_TRUE(told.has_value()) << told.error().what;
    EXPECT_TRUE(told->empty());
}

TEST_F(HttpLagSourceTest, APodThatDoesNotTellIsAnError) {
    pod_.stop();
    const auto told = source_.lag(address());
    ASSERT_FALSE(told.has_value());
    EXPECT_EQ(told.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::gateway
