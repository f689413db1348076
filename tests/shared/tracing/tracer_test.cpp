#include "shared/tracing/tracer.hpp"

#include "tests/shared/tracing/recorded_spans.hpp"

#include <gtest/gtest.h>

namespace platform::tracing {
namespace {

using test::kNotSampled;
using test::kSampled;
using test::RecordedSpans;

TEST(Tracer, TheSampledFlagOfAValidTraceparentCounts) {
    const std::string ids = kSampled.substr(0, 53);
    for (const auto& [text, wanted] : std::map<std::string, bool>{
             {kSampled, true},
             {kNotSampled, false},
             {ids + "03", true},
             {ids + "0b", true},
             {ids + "0a", false},
             {ids + "ff", true},
             {ids + "0", false},
             {ids + "0g", false},
             {ids + "01-more", false},
             {"01" + ids.substr(2) + "01-more", true},
             {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
             {"", false},
         }) {
        EXPECT_EQ(sampled(text), wanted) << text;
    }
}

TEST(Tracer, WorkBelongsToARecordedTraceOrHasNoSpan) {
    RecordedSpans spans;
    Span span = spans.tracer().below(kSampled, Kind::Consumer, "process order.events");
    ASSERT_TRUE(span);
    EXPECT_TRUE(sampled(span.traceparent()));
    EXPECT_NE(span.traceparent(), kSampled);
    span.set("messaging.system", "kafka");
    span.set("messaging.kafka.offset", 7);
    span.fail("no such table");
    EXPECT_EQ(spans.ended().size(), 0U);
    span.end();
    EXPECT_FALSE(span);
    ASSERT_EQ(spans.ended().size(), 1U);
    const auto ended = spans.ended()[0];
    EXPECT_EQ(ended.kind, Kind::Consumer);
    EXPECT_EQ(ended.name, "process order.events");
    EXPECT_EQ(ended.parent, kSampled);
    EXPECT_EQ(ended.attributes.at("messaging.system"), "kafka");
    EXPECT_EQ(ended.attributes.at("messaging.kafka.offset"), "7");
    EXPECT_TRUE(ended.failed);
    EXPECT_EQ(ended.why, "no such table");

    EXPECT_FALSE(spans.tracer().below(kNotSampled, Kind::Consumer, "x"));
    EXPECT_FALSE(spans.tracer().below("", Kind::Consumer, "x"));
    EXPECT_FALSE(spans.tracer().below("garbage", Kind::Consumer, "x"));
    EXPECT_EQ(spans.made(), 1);
}

TEST(Tracer, WhatComesFromOutsideObeysItsTraceOrMayBeginOne) {
    RecordedSpans spans;
    EXPECT_EQ(spans.tracer().enter(kSampled, Kind::Server, "GET").traceparent().substr(3, 32), kSampled.substr(3, 32));
    EXPECT_FALSE(spans.tracer().enter(kNotSampled, Kind::Server, "GET")) << "whoever began the trace has decided";
    for (const std::string parent : {"", "garbage"}) EXPECT_TRUE(spans.tracer().enter(parent, Kind::Server, "GET")) << parent;
    EXPECT_EQ(spans.ended().back().parent, "") << "what is no traceparent is nobody's parent";
    spans.sample_new_ones(false);
    EXPECT_FALSE(spans.tracer().enter("", Kind::Server, "GET"));
    EXPECT_TRUE(spans.tracer().enter(kSampled, Kind::Server, "GET")) << "the ratio is for new traces only";
}

TEST(Tracer, OffMeansNoSpanObjects) {
    const Tracer off;
    EXPECT_FALSE(off.on());
    Span span = off.enter(kSampled, Kind::Server, "GET");
    EXPECT_FALSE(span);
    span.set("name", "value");
    span.fail("why");
    EXPECT_EQ(span.traceparent(), "");
    span.end();
    off.shut_down(Duration::zero());
}

TEST(Tracer, ASpanEndsOnceWhereverItIsMoved) {
    RecordedSpans spans;
    {
        Span first = spans.tracer().below(kSampled, Kind::Internal, "first");
        Span second = std::move(first);
        EXPECT_EQ(spans.ended().size(), 0U);
        second = spans.tracer().below(kSampled, Kind::Internal, "second");
        EXPECT_EQ(spans.ended().size(), 1U) << "another one took its place";
    }
    EXPECT_EQ(spans.ended().size(), 2U);
}

}  // namespace
}  // namespace platform::tracing
