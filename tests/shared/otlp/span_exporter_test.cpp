#include "shared/otlp/span_exporter.hpp"

#include "tests/shared/otlp/collector.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace platform::otlp {
namespace {

using namespace std::chrono_literals;
using test::Collector;

constexpr Duration kPatience = 20s;

class SpanExporterTest : public testing::Test {
protected:
    std::unique_ptr<SpanExporter> exporter_to(const std::string& url, std::size_t max_queue = 2048) {
        Settings settings;
        settings.url = url;
        settings.headers = {{"x-token", "abc"}};
        settings.max_queue = max_queue;
        settings.timeout = kPatience;
        settings.send_pause = std::chrono::hours(1);  // only what is asked for moves
        return std::make_unique<SpanExporter>(settings, Origin{.service = "order-service", .instance = "order-0"}, clock_, tally_);
    }
    static FinishedSpan span(const std::string& name = "GET") {
        FinishedSpan one;
        one.name = name;
        one.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        return one;
    }

    SystemClock clock_;
    std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
};

TEST_F(SpanExporterTest, SendsWhatWaitsBeforeItEnds) {
    const Collector collector;
    const auto exporter = exporter_to(collector.url());
    exporter->add(span("first"));
    exporter->add(span("second"));
    exporter->shut_down(kPatience);
    std::string bodies;
    for (const auto& request : collector.requests()) {
        EXPECT_EQ(request.header("content-type"), "application/json");
        EXPECT_EQ(request.header("x-token"), "abc");
        bodies += request.body;
    }
    EXPECT_NE(bodies.find("first"), std::string::npos);
    EXPECT_NE(bodies.find("second"), std::string::npos);
    EXPECT_EQ(tally_->exported, 2U);
    EXPECT_EQ(tally_->dropped, 0U);
    exporter->add(span("late"));
    EXPECT_EQ(tally_->dropped, 1U) << "after the end everything is dropped";
    exporter->shut_down(kPatience);
}

TEST_F(SpanExporterTest, ManySpansGoInSeveralBatches) {
    const Collector collector;
    const auto exporter = exporter_to(collector.url());
    for (int i = 0; i < 1200; ++i) exporter->add(span());
    exporter->shut_down(kPatience);
    EXPECT_EQ(tally_->exported, 1200U);
    EXPECT_GE(collector.requests().size(), 3U);
}

TEST_F(SpanExporterTest, WhatDoesNotFitIsDroppedAndCounted) {
    constexpr std::size_t kRoom = 16;
    Collector collector;
    collector.hold();
    const auto exporter = exporter_to(collector.url(), kRoom);
    for (int i = 0; i < 100; ++i) exporter->add(span());
    EXPECT_EQ(tally_->dropped, 100U - kRoom) << "what is on its way takes room too";
    collector.release();
    exporter->shut_down(kPatience);
    EXPECT_EQ(tally_->exported, kRoom);
}

TEST_F(SpanExporterTest, ACollectorThatIsAwayCostsCountedSpans) {
    const auto exporter = exporter_to(test::nowhere());
    for (int i = 0; i < 600; ++i) exporter->add(span());
    exporter->shut_down(kPatience);
    EXPECT_EQ(tally_->exported, 0U);
    EXPECT_EQ(tally_->dropped, 600U);
}

TEST_F(SpanExporterTest, ACollectorThatRefusesCostsCountedSpans) {
    Collector collector;
    const auto exporter = exporter_to(collector.url());
    collector.answer_with(503);
    exporter->add(span());
    exporter->shut_down(kPatience);
    EXPECT_EQ(tally_->exported, 0U);
    EXPECT_EQ(tally_->dropped, 1U);
}

TEST_F(SpanExporterTest, WhatACollectorTookInPartIsCountedInPart) {
    Collector collector;
    const auto exporter = exporter_to(collector.url());
    collector.answer_with(200, R"({"partialSuccess":{"rejectedSpans":"2"}})");
    for (int i = 0; i < 5; ++i) exporter->add(span());
    exporter->shut_down(kPatience);
    EXPECT_EQ(tally_->exported + tally_->dropped, 5U);
    EXPECT_GE(tally_->dropped, 2U);
}

TEST_F(SpanExporterTest, WithoutTimeWhatWaitsIsDropped) {
    const Collector collector;
    {
        const auto exporter = exporter_to(collector.url());
        for (int i = 0; i < 3; ++i) exporter->add(span());
    }
    EXPECT_EQ(tally_->exported + tally_->dropped, 3U);
}

}  // namespace
}  // namespace platform::otlp
