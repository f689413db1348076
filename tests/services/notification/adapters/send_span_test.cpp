#include "services/notification/adapters/send_span.hpp"

#include "tests/services/notification/messages.hpp"
#include "tests/shared/tracing/recorded_spans.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

TEST(SendSpan, AMessageOfARecordedTraceHasOne) {
    tracing::test::RecordedSpans spans;
    Message message = by(kLog, message_for("a"));
    message.traceparent = tracing::test::kSampled;
    send_span(&spans.tracer(), message).end();
    ASSERT_EQ(spans.ended().size(), 1U);
    EXPECT_EQ(spans.ended()[0].name, "notify log");
    EXPECT_EQ(spans.ended()[0].parent, tracing::test::kSampled);
    EXPECT_EQ(spans.ended()[0].attributes.at("order.id"), message.order_id.text());
}

TEST(SendSpan, OthersHaveNone) {
    tracing::test::RecordedSpans spans;
    Message message = by(kLog, message_for("a"));
    EXPECT_FALSE(send_span(&spans.tracer(), message)) << "read back from the store";
    message.traceparent = tracing::test::kNotSampled;
    EXPECT_FALSE(send_span(&spans.tracer(), message));
    message.traceparent = tracing::test::kSampled;
    EXPECT_FALSE(send_span(nullptr, message));
}

}  // namespace
}  // namespace platform::notification
