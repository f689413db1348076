#include "shared/kafka/send_spans.hpp"

#include "tests/shared/tracing/recorded_spans.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using tracing::test::kNotSampled;
using tracing::test::kSampled;
using tracing::test::RecordedSpans;

OutgoingRecord record_of(const std::string& traceparent) {
    OutgoingRecord record{.topic = "order.events", .key = "o-1", .value = "{}", .headers = {{"ce_id", "1"}}};
    if (!traceparent.empty()) {
        record.headers.emplace_back("traceparent", traceparent);
        record.headers.emplace_back("ce_correlationid", "c-1");
    }
    return record;
}

TEST(SendSpans, ARecordOfARecordedTraceTravelsWithItsSpan) {
    RecordedSpans spans;
    SendSpans sends(&spans.tracer(), "order-0");
    const std::string sent_with = sends.begin(record_of(kSampled), 7);
    EXPECT_TRUE(tracing::sampled(sent_with));
    EXPECT_NE(sent_with, kSampled);
    EXPECT_EQ(spans.ended().size(), 0U) << "until the broker has it";
    sends.delivered(7, 3, 42, {});
    ASSERT_EQ(spans.ended().size(), 1U);
    const auto ended = spans.ended()[0];
    EXPECT_EQ(ended.kind, tracing::Kind::Producer);
    EXPECT_EQ(ended.name, "send order.events");
    EXPECT_EQ(ended.parent, kSampled);
    EXPECT_EQ(ended.traceparent, sent_with);
    EXPECT_FALSE(ended.failed);
    EXPECT_EQ(ended.attributes.at("messaging.system"), "kafka");
    EXPECT_EQ(ended.attributes.at("messaging.operation.type"), "send");
    EXPECT_EQ(ended.attributes.at("messaging.operation.name"), "send");
    EXPECT_EQ(ended.attributes.at("messaging.kafka.message.key"), "o-1");
    EXPECT_EQ(ended.attributes.at("messaging.message.id"), "1");
    EXPECT_EQ(ended.attributes.at("messaging.message.conversation_id"), "c-1");
    EXPECT_EQ(ended.attributes.at("messaging.destination.name"), "order.events");
    EXPECT_EQ(ended.attributes.at("messaging.destination.partition.id"), "3");
    EXPECT_EQ(ended.attributes.at("messaging.kafka.offset"), "42");
}

TEST(SendSpans, OthersTravelAsTheyAre) {
    RecordedSpans spans;
    SendSpans sends(&spans.tracer(), "order-0");
    EXPECT_EQ(sends.begin(record_of(""), 1), "");
    EXPECT_EQ(sends.begin(record_of(kNotSampled), 2), "");
    SendSpans without(nullptr, "order-0");
    EXPECT_EQ(without.begin(record_of(kSampled), 3), "");
    for (const Producer::Token token : {1, 2, 3}) sends.delivered(token, 0, 0, {});
    EXPECT_EQ(spans.made(), 0);
}

TEST(SendSpans, TheyTellWhatWentWrong) {
    RecordedSpans spans;
    SendSpans sends(&spans.tracer(), "order-0");
    ASSERT_NE(sends.begin(record_of(kSampled), 1), "");
    ASSERT_NE(sends.begin(record_of(kSampled), 2), "");
    sends.refused(1, {.kind = ErrorKind::Unavailable, .what = "the queue is full"});
    sends.delivered(2, -1, -1, fail(ErrorKind::Timeout, "no broker answered"));
    ASSERT_EQ(spans.ended().size(), 2U);
    EXPECT_EQ(spans.ended()[0].why, "the queue is full");
    EXPECT_EQ(spans.ended()[1].why, "no broker answered");
    EXPECT_EQ(spans.ended()[1].attributes.at("error.type"), "timeout");
    EXPECT_FALSE(spans.ended()[1].attributes.contains("messaging.kafka.offset"));
}

TEST(SendSpans, ATokenMayBeUsedAnew) {
    RecordedSpans spans;
    SendSpans sends(&spans.tracer(), "order-0");
    const std::string first = sends.begin(record_of(kSampled), 1);
    sends.delivered(1, 0, 5, {});
    const std::string second = sends.begin(record_of(kSampled), 1);
    sends.delivered(1, 0, 6, {});
    sends.delivered(1, 0, 6, {});
    ASSERT_EQ(spans.ended().size(), 2U);
    EXPECT_EQ(spans.ended()[0].traceparent, first);
    EXPECT_EQ(spans.ended()[1].traceparent, second);
}

}  // namespace
}  // namespace platform::kafka
