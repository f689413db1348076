#include "shared/otlp/otlp_recorder.hpp"

#include "shared/core/traceparent.hpp"
#include "tests/shared/otlp/collector.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::otlp {
namespace {

using namespace std::chrono_literals;
using test::Collector;
using tracing::Kind;
using tracing::Span;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSampled = "00-" + kTrace + "-00f067aa0ba902b7-01";
const std::string kNotSampled = "00-" + kTrace + "-00f067aa0ba902b7-00";
constexpr Duration kPatience = 20s;

class OtlpRecorderTest : public testing::Test {
protected:
    tracing::Tracer tracer_for(const std::string& url, double ratio = 1) {
        Settings settings;
        settings.url = url;
        settings.ratio = ratio;
        settings.timeout = kPatience;
        return make_tracer(settings, {.service = "order-service", .instance = "order-0"}, clock_, registry_);
    }
    [[nodiscard]] bool scraped(const std::string& sample) const {
        return registry_.scrape().find("\n" + sample + "\n") != std::string::npos;
    }

    SystemClock clock_;
    metrics::Registry registry_{"test"};
};

TEST_F(OtlpRecorderTest, IsOffWithoutACollectorAndCountsNothing) {
    EXPECT_FALSE(tracer_for("").on());
    EXPECT_TRUE(scraped("otel_spans_exported_total{application=\"test\"} 0"));
    EXPECT_TRUE(scraped("otel_spans_dropped_total{application=\"test\"} 0"));
}

TEST_F(OtlpRecorderTest, SpansReachTheCollectorAsTheyWereTold) {
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(collector.url());
    Span span = tracer.below(kSampled, Kind::Consumer, "process order.events");
    ASSERT_TRUE(span);
    const std::string own = span.traceparent();
    EXPECT_TRUE(tracing::sampled(own));
    span.set("messaging.system", "kafka");
    span.set("messaging.kafka.offset", 7);
    span.fail("because");
    span.end();
    tracer.shut_down(kPatience);
    ASSERT_EQ(collector.requests().size(), 1U);
    const std::string body = collector.requests()[0].body;
    for (const std::string& part :
         {R"("traceId":")" + kTrace + R"(","spanId":")" + own.substr(36, 16) + R"(","parentSpanId":"00f067aa0ba902b7","name":"process order.events")",
          std::string(R"({"key":"messaging.system","value":{"stringValue":"kafka"}})"),
          std::string(R"({"key":"messaging.kafka.offset","value":{"intValue":"7"}})"),
          std::string(R"("status":{"code":2,"message":"because"})"), std::string("order-service")}) {
        EXPECT_NE(body.find(part), std::string::npos) << part << "\n" << body;
    }
    EXPECT_TRUE(scraped("otel_spans_exported_total{application=\"test\"} 1"));
}

TEST_F(OtlpRecorderTest, AChildHasTheTraceOfItsParent) {
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(collector.url());
    const Span root = tracer.enter("", Kind::Server, "POST /api/orders");
    const Span child = tracer.below(root.traceparent(), Kind::Client, "POST");
    ASSERT_TRUE(root && child);
    EXPECT_EQ(child.traceparent().substr(3, 32), root.traceparent().substr(3, 32));
    EXPECT_NE(child.traceparent().substr(36, 16), root.traceparent().substr(36, 16));
}

TEST_F(OtlpRecorderTest, NewTracesAreSampledByRatioAndOthersByTheirFlag) {
    const Collector collector;
    constexpr int kTraces = 2000;
    for (const double ratio : {0.0, 0.1, 1.0}) {
        metrics::Registry registry("test");
        Settings settings;
        settings.url = collector.url();
        settings.ratio = ratio;
        const tracing::Tracer tracer = make_tracer(settings, {.service = "s", .instance = "i"}, clock_, registry);
        int sampled = 0;
        for (int i = 0; i < kTraces; ++i) sampled += tracer.enter("", Kind::Server, "GET") ? 1 : 0;
        constexpr double kSixSigma = 81;  // of 2,000 draws at 0.1
        EXPECT_NEAR(sampled, ratio * kTraces, ratio > 0 && ratio < 1 ? kSixSigma : 0) << ratio;
        EXPECT_TRUE(tracer.enter(kSampled, Kind::Server, "GET")) << ratio;
        EXPECT_FALSE(tracer.enter(kNotSampled, Kind::Server, "GET")) << ratio;
    }
}

}  // namespace
}  // namespace platform::otlp
