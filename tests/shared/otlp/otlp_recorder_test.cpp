#include "shared/otlp/otlp_recorder.hpp"

#include "shared/core/json.hpp"
#include "shared/core/traceparent.hpp"
#include "shared/http/client.hpp"
#include "tests/shared/otlp/collector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>

namespace platform::otlp {
namespace {

using namespace std::chrono_literals;
using test::Collector;
using tracing::Kind;
using tracing::Span;

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kSampled = "00-" + kTrace + "-" + kParent + "-01";
const std::string kNotSampled = "00-" + kTrace + "-" + kParent + "-00";
constexpr Duration kTimeout = 10s;       // of an export
constexpr Duration kPatience = 3 * kTimeout;  // of a stop

class OtlpRecorderTest : public testing::Test {
protected:
    /// Only what is asked for moves: batches go when there are enough spans, and at the end.
    static Settings to(const std::string& url) {
        Settings settings;
        settings.url = url;
        settings.timeout = kTimeout;
        settings.send_pause = 1h;
        return settings;
    }
    tracing::Tracer tracer_for(const Settings& settings) {
        return make_tracer(settings, {.service = "order-service", .instance = "order-0"}, clock_, registry_);
    }
    static void begin_and_end(const tracing::Tracer& tracer, int spans) {
        for (int i = 0; i < spans; ++i) tracer.enter("", Kind::Server, "GET").end();
    }
    /// A sample of a counter.
    [[nodiscard]] int counted(const std::string& name) const {
        const std::string text = registry_.scrape();
        const std::string series = "\n" + name + "{application=\"test\"} ";
        const auto at = text.find(series);
        return at == std::string::npos ? -1 : std::stoi(text.substr(at + series.size()));
    }
    [[nodiscard]] int exported() const { return counted("otel_spans_exported_total"); }
    [[nodiscard]] int dropped() const { return counted("otel_spans_dropped_total"); }

    SystemClock clock_;
    metrics::Registry registry_{"test"};
};

/// The bytes that these hexadecimal digits stand for.
std::string bytes_of(std::string_view digits) {
    std::string bytes;
    for (std::size_t at = 0; at < digits.size(); at += 2) bytes += static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16));
    return bytes;
}

/// The value of an attribute, in the form {"stringValue": "x"}, or null.
const json::Value* attribute(const json::Value& of, std::string_view key) {
    const auto& all = of.find("attributes")->items();
    const auto found = std::ranges::find_if(all, [key](const json::Value& one) { return one.find("key")->text() == key; });
    return found == all.end() ? nullptr : found->find("value");
}

TEST_F(OtlpRecorderTest, IsOffWithoutACollectorAndCountsNothing) {
    EXPECT_FALSE(tracer_for({}).on());
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(dropped(), 0);
}

TEST_F(OtlpRecorderTest, SpansReachTheCollectorAsTheyWereTold) {
    const Collector collector;
    Settings settings = to(collector.url());
    settings.json = true;
    settings.headers = {{"x-token", "abc"}};
    const tracing::Tracer tracer = tracer_for(settings);
    const WallTime before = clock_.wall();
    Span span = tracer.below(kSampled, Kind::Consumer, "process order.events");
    ASSERT_TRUE(span);
    const std::string own = span.traceparent();
    EXPECT_TRUE(tracing::sampled(own));
    span.set("messaging.system", "kafka");
    span.set("messaging.kafka.offset", 0);
    span.set("messaging.kafka.message.key", "");
    span.set("url.path", "/a\xFF");
    span.fail("because");
    span.end();
    tracer.shut_down(kPatience);
    const WallTime after = clock_.wall();

    ASSERT_EQ(collector.requests().size(), 1U);
    const http::Request request = collector.requests()[0];
    EXPECT_EQ(request.header("content-type"), "application/json");
    EXPECT_EQ(request.header("x-token"), "abc");
    const auto body = json::parse(request.body);
    ASSERT_TRUE(body.has_value()) << request.body;
    const json::Value& all = body->find("resourceSpans")->items().at(0);
    EXPECT_EQ(attribute(*all.find("resource"), "service.name")->find("stringValue")->text(), "order-service");
    EXPECT_EQ(attribute(*all.find("resource"), "service.namespace")->find("stringValue")->text(), "orderplatform");
    EXPECT_EQ(attribute(*all.find("resource"), "service.instance.id")->find("stringValue")->text(), "order-0");
    EXPECT_EQ(attribute(*all.find("resource"), "service.version")->find("stringValue")->text(), PLATFORM_VERSION);
    const json::Value& scope = all.find("scopeSpans")->items().at(0);
    EXPECT_EQ(scope.find("scope")->find("name")->text(), "orderplatform");
    ASSERT_EQ(scope.find("spans")->items().size(), 1U);
    const json::Value& told = scope.find("spans")->items()[0];
    EXPECT_EQ(told.find("traceId")->text(), kTrace);
    EXPECT_EQ(told.find("spanId")->text(), own.substr(36, 16));
    EXPECT_EQ(told.find("parentSpanId")->text(), kParent);
    EXPECT_EQ(told.find("name")->text(), "process order.events");
    EXPECT_EQ(told.find("kind")->text(), "5");
    EXPECT_EQ(attribute(told, "messaging.system")->find("stringValue")->text(), "kafka");
    EXPECT_EQ(attribute(told, "messaging.kafka.offset")->find("intValue")->text(), "0");
    EXPECT_EQ(attribute(told, "messaging.kafka.message.key")->find("stringValue")->text(), "");
    EXPECT_EQ(attribute(told, "url.path")->find("stringValue")->text(), "/a\uFFFD");
    EXPECT_EQ(told.find("status")->find("code")->text(), "2");
    EXPECT_EQ(told.find("status")->find("message")->text(), "because");
    const WallTime begun{std::chrono::microseconds(std::stoll(told.find("startTimeUnixNano")->text()) / 1000)};
    const WallTime ended{std::chrono::microseconds(std::stoll(told.find("endTimeUnixNano")->text()) / 1000)};
    EXPECT_LE(before, begun);
    EXPECT_LE(begun, ended);
    EXPECT_LE(ended, after);
    EXPECT_EQ(exported(), 1);
    EXPECT_EQ(dropped(), 0);
}

TEST_F(OtlpRecorderTest, KindsAreToldAndAFirstSpanHasNoParent) {
    using enum Kind;
    for (const auto& [kind, number] : {std::pair(Internal, "1"), std::pair(Server, "2"), std::pair(Client, "3"), std::pair(Producer, "4")}) {
        const Collector collector;
        metrics::Registry registry("test");
        Settings settings = to(collector.url());
        settings.json = true;
        const tracing::Tracer tracer = make_tracer(settings, {.service = "s", .instance = "i"}, clock_, registry);
        tracer.enter("", kind, "GET").end();
        tracer.shut_down(kPatience);
        ASSERT_EQ(collector.requests().size(), 1U);
        const auto body = json::parse(collector.requests()[0].body);
        ASSERT_TRUE(body.has_value());
        const json::Value& told =
            body->find("resourceSpans")->items().at(0).find("scopeSpans")->items().at(0).find("spans")->items().at(0);
        EXPECT_EQ(told.find("kind")->text(), number);
        EXPECT_EQ(told.find("parentSpanId"), nullptr);
        EXPECT_EQ(told.find("status"), nullptr);
    }
}

TEST_F(OtlpRecorderTest, ProtobufIsTheEncodingThatNobodyHasToAskFor) {
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(to(collector.url()));
    Span span = tracer.below(kSampled, Kind::Client, "POST");
    const std::string own = span.traceparent();
    span.set("server.address", "order-7");
    span.set("url.path", "/a\xFF");
    span.end();
    tracer.shut_down(kPatience);
    ASSERT_EQ(collector.requests().size(), 1U);
    const http::Request request = collector.requests()[0];
    EXPECT_EQ(request.header("content-type"), "application/x-protobuf");
    for (const std::string& part :
         {bytes_of(kTrace), bytes_of(own.substr(36, 16)), bytes_of(kParent), std::string("POST"), std::string("order-7"), std::string("/a\uFFFD"),
          std::string("order-service")}) {
        EXPECT_NE(request.body.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(exported(), 1);
}

TEST_F(OtlpRecorderTest, AChildHasTheTraceOfItsParent) {
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(to(collector.url()));
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
        Settings settings = to(collector.url());
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

TEST_F(OtlpRecorderTest, ManySpansGoInSeveralBatches) {
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(to(collector.url()));
    begin_and_end(tracer, 1200);
    tracer.shut_down(kPatience);
    EXPECT_EQ(exported(), 1200);
    EXPECT_GE(collector.requests().size(), 3U);
    begin_and_end(tracer, 1);
    EXPECT_EQ(dropped(), 1) << "after the end everything is dropped";
    tracer.shut_down(kPatience);
}

TEST_F(OtlpRecorderTest, AFewSpansWaitForTheirTimeAfterABatch) {
    constexpr int kEnough = 512;
    constexpr int kMore = 20;
    const Collector collector;
    const tracing::Tracer tracer = tracer_for(to(collector.url()));
    begin_and_end(tracer, kEnough);
    while (exported() == 0) std::this_thread::yield();
    http::Client client;
    for (int i = 0; i < kMore; ++i) {  // the answers take longer than a batch would
        begin_and_end(tracer, 1);
        ASSERT_TRUE(client.send({.method = "GET", .url = collector.url(), .headers = {}, .body = {}}).has_value());
    }
    tracer.shut_down(kPatience);
    EXPECT_EQ(exported(), kEnough + kMore);
    EXPECT_LE(collector.requests().size(), 3U) << "those before, perhaps enough in between, and those at the end";
}

TEST_F(OtlpRecorderTest, WhatDoesNotFitIsDroppedAndCounted) {
    constexpr int kRoom = 16;
    constexpr int kSpans = 100;
    Collector collector;
    collector.hold();
    Settings settings = to(collector.url());
    settings.max_queue = kRoom;
    const tracing::Tracer tracer = tracer_for(settings);
    begin_and_end(tracer, kSpans);
    EXPECT_EQ(dropped(), kSpans - kRoom) << "what is on its way takes room too";
    collector.release();
    tracer.shut_down(kPatience);
    EXPECT_EQ(exported(), kRoom);
    EXPECT_EQ(dropped(), kSpans - kRoom);
}

TEST_F(OtlpRecorderTest, ACollectorThatIsAwayCostsCountedSpans) {
    const tracing::Tracer tracer = tracer_for(to(test::nowhere()));
    begin_and_end(tracer, 600);
    tracer.shut_down(kPatience);
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(dropped(), 600);
}

TEST_F(OtlpRecorderTest, ACollectorThatRefusesCostsCountedSpansAndItsAnswerIsNotLogged) {
    Collector collector;
    collector.answer_with(503, R"({"message":"canary"})");
    testing::internal::CaptureStderr();
    const tracing::Tracer tracer = tracer_for(to(collector.url()));
    begin_and_end(tracer, 600);
    tracer.shut_down(kPatience);
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(dropped(), 600);
    EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
    EXPECT_NE(log.find("the collector does not take spans"), std::string::npos) << log;
    EXPECT_NE(log.find("503"), std::string::npos) << log;
    EXPECT_EQ(log.find("canary"), std::string::npos) << log;
}

TEST_F(OtlpRecorderTest, ACollectorThatNeverAnswersHoldsAStopUpForOneExport) {
    constexpr int kBatches = 4;
    Collector collector;
    collector.hold();
    Settings settings = to(collector.url());
    settings.timeout = 1s;
    const tracing::Tracer tracer = tracer_for(settings);
    begin_and_end(tracer, kBatches * 512);
    tracer.shut_down(kPatience);
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(dropped(), kBatches * 512);
    EXPECT_LT(collector.requests().size(), kBatches) << "at the end nobody tries again what just failed";
    collector.release();
}

TEST_F(OtlpRecorderTest, WithoutTimeWhatWaitsIsDropped) {
    const Collector collector;
    {
        const tracing::Tracer tracer = tracer_for(to(collector.url()));
        begin_and_end(tracer, 3);
        tracer.shut_down(kTimeout - 1ms);
    }
    EXPECT_EQ(exported() + dropped(), 3);
    EXPECT_LE(collector.requests().size(), 1U) << "at most one that had begun before";
}

}  // namespace
}  // namespace platform::otlp
