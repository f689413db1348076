#include "shared/otlp/span_json.hpp"

#include "shared/core/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace platform::otlp {
namespace {

const Origin kOrigin{.service = "order-service", .instance = "order-0"};

FinishedSpan span_of(tracing::Kind kind) {
    FinishedSpan span;
    span.kind = kind;
    span.name = "process order.events";
    span.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    span.parent_span_id = "b7ad6b7169203331";
    span.begin = WallTime{std::chrono::microseconds(1'700'000'000'000'001)};
    span.end = span.begin + std::chrono::milliseconds(2);
    return span;
}

/// The whole JSON of a span without attributes, as it has to stand in the request.
std::string text_of(const std::string& kind, const std::string& rest) {
    return R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":"b7ad6b7169203331",)"
           R"("name":"process order.events","kind":)" +
           kind + R"(,"startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000002001000",)" + rest + "}";
}

TEST(SpanJson, IsOtlpsOwn) {
    FinishedSpan span = span_of(tracing::Kind::Consumer);
    span.attributes = {{"messaging.system", "kafka"}, {"messaging.kafka.offset", std::int64_t{7}}};
    const std::string text = to_json(kOrigin, {&span, 1});
    ASSERT_TRUE(json::parse(text).has_value());
    EXPECT_EQ(
        text,
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"order-service"}},)"
        R"({"key":"service.namespace","value":{"stringValue":"orderplatform"}},)"
        R"({"key":"service.version","value":{"stringValue":")" PLATFORM_VERSION R"("}},)"
        R"({"key":"service.instance.id","value":{"stringValue":"order-0"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"orderplatform","version":")" PLATFORM_VERSION R"("},"spans":[)" +
            text_of(
                "5",
                R"("attributes":[{"key":"messaging.system","value":{"stringValue":"kafka"}},)"
                R"({"key":"messaging.kafka.offset","value":{"intValue":"7"}}])"
            ) +
            "]}]}]}"
    );
}

TEST(SpanJson, KindsAreNumbers) {
    using enum tracing::Kind;
    for (const auto& [kind, number] : {std::pair(Internal, "1"), std::pair(Server, "2"), std::pair(Client, "3"), std::pair(Producer, "4")}) {
        const FinishedSpan span = span_of(kind);
        EXPECT_NE(to_json(kOrigin, {&span, 1}).find(text_of(number, R"("attributes":[])")), std::string::npos) << number;
    }
}

TEST(SpanJson, AFailureHasAStatusAndAFirstSpanNoParent) {
    FinishedSpan failed = span_of(tracing::Kind::Client);
    failed.failed = true;
    failed.why = "no \"route\"";
    FinishedSpan first = span_of(tracing::Kind::Server);
    first.parent_span_id.clear();
    const std::vector<FinishedSpan> spans{failed, first};
    const std::string text = to_json(kOrigin, spans);
    ASSERT_TRUE(json::parse(text).has_value());
    EXPECT_NE(text.find(text_of("3", R"("attributes":[],"status":{"code":2,"message":"no \"route\""})")), std::string::npos) << text;
    EXPECT_NE(text.find(R"("spanId":"00f067aa0ba902b7","name":)"), std::string::npos) << text;
}

TEST(SpanJson, KnowsWhatACollectorDidNotTake) {
    EXPECT_EQ(rejected_in(R"({"partialSuccess":{"rejectedSpans":"5","errorMessage":"too old"}})"), 5U);
    EXPECT_EQ(rejected_in(R"({"partialSuccess":{"rejectedSpans":5}})"), 5U);
    for (const std::string text : {"", "{}", "not JSON", "[]", R"({"partialSuccess":{}})", R"({"partialSuccess":null})", R"({"partialSuccess":{"rejectedSpans":"-1"}})"}) {
        EXPECT_EQ(rejected_in(text), 0U) << text;
    }
}

}  // namespace
}  // namespace platform::otlp
