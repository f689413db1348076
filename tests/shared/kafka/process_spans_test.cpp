#include "shared/kafka/process_spans.hpp"

#include "tests/shared/tracing/recorded_spans.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace platform::kafka {
namespace {

using tracing::test::kNotSampled;
using tracing::test::kSampled;
using tracing::test::RecordedSpans;

Record record_of(std::int64_t offset, const std::string& traceparent) {
    Record record;
    record.topic = "order.events";
    record.partition = 2;
    record.offset = offset;
    record.key = "o-1";
    record.headers = {{"ce_id", "1"}};
    if (!traceparent.empty()) {
        record.headers.emplace_back("traceparent", traceparent);
        record.headers.emplace_back("ce_correlationid", "c-1");
    }
    return record;
}

TEST(ProcessSpans, TheHandlerFindsTheSpanInPlaceOfTheRecordsOwnTrace) {
    RecordedSpans spans;
    std::vector<Record> batch{record_of(5, ""), record_of(6, kSampled), record_of(7, kNotSampled)};
    {
        const ProcessSpans processing(&spans.tracer(), "payment-service", batch);
        EXPECT_EQ(batch[0].headers.size(), 1U);
        EXPECT_TRUE(tracing::sampled(batch[1].headers[1].second));
        EXPECT_NE(batch[1].headers[1].second, kSampled);
        EXPECT_EQ(batch[2].headers[1].second, kNotSampled);
        EXPECT_EQ(spans.ended().size(), 0U) << "until the batch is applied";
    }
    ASSERT_EQ(spans.ended().size(), 1U);
    const auto ended = spans.ended()[0];
    EXPECT_EQ(ended.kind, tracing::Kind::Consumer);
    EXPECT_EQ(ended.name, "process order.events");
    EXPECT_EQ(ended.parent, kSampled);
    EXPECT_EQ(ended.traceparent, batch[1].headers[1].second);
    EXPECT_FALSE(ended.failed);
    EXPECT_EQ(ended.attributes.at("messaging.operation.type"), "process");
    EXPECT_EQ(ended.attributes.at("messaging.operation.name"), "process");
    EXPECT_EQ(ended.attributes.at("messaging.kafka.message.key"), "o-1");
    EXPECT_EQ(ended.attributes.at("messaging.message.id"), "1");
    EXPECT_EQ(ended.attributes.at("messaging.message.conversation_id"), "c-1");
    EXPECT_EQ(ended.attributes.at("messaging.consumer.group.name"), "payment-service");
    EXPECT_EQ(ended.attributes.at("messaging.destination.partition.id"), "2");
    EXPECT_EQ(ended.attributes.at("messaging.kafka.offset"), "6");
    EXPECT_EQ(ended.attributes.at("messaging.batch.message_count"), "3");
}

TEST(ProcessSpans, OfTwoHeadersOfOneNameTheFirstCounts) {
    RecordedSpans spans;
    std::vector<Record> batch{record_of(5, kSampled)};
    for (const char* name : {"ce_id", "traceparent", "ce_correlationid"}) batch[0].headers.emplace_back(name, "again");
    { const ProcessSpans processing(&spans.tracer(), "payment-service", batch); }
    ASSERT_EQ(spans.ended().size(), 1U);
    const auto ended = spans.ended()[0];
    EXPECT_EQ(ended.parent, kSampled);
    EXPECT_EQ(ended.attributes.at("messaging.message.id"), "1");
    EXPECT_EQ(ended.attributes.at("messaging.message.conversation_id"), "c-1");
}

TEST(ProcessSpans, ABatchFailsAsAWholeOrByRecord) {
    RecordedSpans spans;
    std::vector<Record> batch{record_of(1, kSampled), record_of(2, ""), record_of(3, kSampled)};
    ProcessSpans(&spans.tracer(), "g", batch).fail({.kind = ErrorKind::Unavailable, .what = "no database"});
    ASSERT_EQ(spans.ended().size(), 2U);
    for (const auto& ended : spans.ended()) EXPECT_EQ(ended.why, "no database");
    EXPECT_EQ(spans.ended()[1].attributes.at("error.type"), "unavailable");

    std::vector<Record> again{record_of(1, kSampled), record_of(2, ""), record_of(3, kSampled)};
    ProcessSpans(&spans.tracer(), "g", again).fail(2, {.kind = ErrorKind::Invalid, .what = "not an event"});
    ASSERT_EQ(spans.ended().size(), 4U);
    EXPECT_FALSE(spans.ended()[2].failed);
    EXPECT_EQ(spans.ended()[3].why, "not an event");
    ProcessSpans(&spans.tracer(), "g", again).fail(1, {.kind = ErrorKind::Invalid, .what = "a record without a span"});
}

TEST(ProcessSpans, WithoutATracerNothingIsTouched) {
    std::vector<Record> batch{record_of(1, kSampled)};
    const ProcessSpans none(nullptr, "g", batch);
    const tracing::Tracer off;
    const ProcessSpans also_none(&off, "g", batch);
    EXPECT_EQ(batch[0].headers[1].second, kSampled);
}

}  // namespace
}  // namespace platform::kafka
