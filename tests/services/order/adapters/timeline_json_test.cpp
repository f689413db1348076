#include "services/order/adapters/timeline_json.hpp"

#include "shared/core/json.hpp"
#include "tests/services/order/orders.hpp"
#include "tests/services/order/timelines.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::order {
namespace {

Timeline some_timeline() {
    Timeline timeline;
    timeline.steps = {step(1, "ORDER_CREATED", 4), step(2, "PAYMENT_FAILED", 5), step(3, "ORDER_CANCELLED", 6)};
    timeline.steps[1].service = "pay \"ment\"";
    timeline.steps[1].trace_id = std::string(32, 'a');
    timeline.steps[2].correlation_id = "c-2";
    return timeline;
}

TEST(TimelineJsonTest, WhatIsWrittenIsReadBack) {
    for (const bool truncated : {false, true}) {
        Timeline timeline = some_timeline();
        timeline.truncated = truncated;
        const auto back = decode_timeline(encode_timeline(timeline));
        ASSERT_TRUE(back) << back.error().what;
        EXPECT_EQ(back->steps, timeline.steps);
        EXPECT_EQ(back->truncated, truncated);
    }
    EXPECT_TRUE(decode_timeline(encode_timeline(Timeline{})).value().steps.empty());
}

TEST(TimelineJsonTest, AnotherTextIsRefused) {
    const std::string good = encode_timeline(some_timeline());
    for (const std::string& bad :
         {std::string("{}"), std::string("[]"), good.substr(0, good.size() - 3), std::string(R"({"truncated":false,"steps":[[1]]})")}) {
        const auto read = decode_timeline(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().kind, ErrorKind::Internal);
    }
}

TEST(TimelineJsonTest, EveryEventSaysWhereItStands) {
    const auto response = shown_timeline(order_id(1), some_timeline(), true);
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body) << response.body;
    EXPECT_EQ(body->find("orderId")->text(), order_id(1).text());
    EXPECT_TRUE(body->find("recorded")->boolean());
    const auto& events = body->find("events")->items();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[1].find("type")->text(), "PAYMENT_FAILED");
    EXPECT_EQ(events[1].find("topic")->text(), "order.events");
    EXPECT_EQ(events[1].find("partition")->text(), "1");
    EXPECT_EQ(events[1].find("offset")->text(), "5");
    EXPECT_EQ(events[1].find("service")->text(), "pay \"ment\"");
    EXPECT_EQ(events[1].find("at")->text(), "1970-01-01T00:00:02.000000Z");
    EXPECT_EQ(events[1].find("traceId")->text(), std::string(32, 'a'));
    EXPECT_EQ(events[0].find("traceId"), nullptr);
    EXPECT_EQ(events[0].find("attempt")->text(), "1");
    EXPECT_TRUE(events[2].find("compensation")->boolean());
    EXPECT_EQ(events[2].find("correlationId")->text(), "c-2");
}

}  // namespace
}  // namespace platform::order
