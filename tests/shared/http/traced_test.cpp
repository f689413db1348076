#include "shared/http/traced.hpp"

#include "tests/shared/tracing/recorded_spans.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace platform::http {
namespace {

using tracing::test::kNotSampled;
using tracing::test::kSampled;
using tracing::test::RecordedSpans;

class CaughtAnswer final : public Exchange {
public:
    CaughtAnswer() : Exchange("c-1") {}
    void answer(Response response) override { answers.push_back(std::move(response)); }
    std::vector<Response> answers;
};

class TracedTest : public testing::Test {
protected:
    static Request request_with(std::map<std::string, std::string> headers) {
        return {
            .method = "POST",
            .path = "/api/orders/7",
            .target = "/api/orders/7",
            .route = "/api/orders/:id",
            .params = {},
            .query = {},
            .headers = std::move(headers),
            .body = "{}",
            .remote = "192.0.2.7",
            .correlation_id = "c-1",
        };
    }
    /// A handler that keeps what it got.
    Handler keeper() {
        return [this](const Request& request, Responder responder) {
            seen_ = request;
            responder_ = std::move(responder);
        };
    }
    /// What the handler finds as its trace.
    std::string handed_on() const { return seen_->header("traceparent").value_or(""); }
    std::shared_ptr<CaughtAnswer> ask(const Handler& handler, std::map<std::string, std::string> headers) {
        auto caught = std::make_shared<CaughtAnswer>();
        handler(request_with(std::move(headers)), Responder(caught));
        return caught;
    }

    RecordedSpans spans_;
    std::optional<Request> seen_;
    Responder responder_;
};

TEST_F(TracedTest, ASpanLastsFromTheRequestToItsAnswer) {
    const auto caught = ask(traced(spans_.tracer(), keeper()), {{"traceparent", kSampled}, {"tracestate", "vendor=1"}, {"x", "y"}});
    EXPECT_NE(handed_on(), kSampled);
    EXPECT_EQ(seen_->header("x"), "y");
    EXPECT_EQ(seen_->header("tracestate"), "vendor=1");
    EXPECT_EQ(seen_->body, "{}");
    EXPECT_EQ(spans_.ended().size(), 0U);
    responder_.send(Response{.status = 202, .body = "{}", .headers = {}});
    ASSERT_EQ(caught->answers.size(), 1U);
    EXPECT_EQ(caught->answers[0].status, 202);
    ASSERT_EQ(spans_.ended().size(), 1U);
    const auto span = spans_.ended()[0];
    EXPECT_EQ(span.kind, tracing::Kind::Server);
    EXPECT_EQ(span.name, "POST /api/orders/:id");
    EXPECT_EQ(span.parent, kSampled);
    EXPECT_EQ(span.traceparent, handed_on());
    EXPECT_FALSE(span.failed);
    EXPECT_EQ(span.attributes.at("http.request.method"), "POST");
    EXPECT_EQ(span.attributes.at("http.route"), "/api/orders/:id");
    EXPECT_EQ(span.attributes.at("url.path"), "/api/orders/7");
    EXPECT_EQ(span.attributes.at("http.response.status_code"), "202");
    EXPECT_EQ(span.attributes.at("correlation.id"), "c-1");
}

TEST_F(TracedTest, OnlyAFaultOfTheServerIsAFailure) {
    for (const auto& [status, failed] : std::map<int, bool>{{200, false}, {404, false}, {429, false}, {500, true}, {503, true}}) {
        static_cast<void>(ask(traced(spans_.tracer(), keeper()), {{"traceparent", kSampled}}));
        responder_.send(Response{.status = status, .body = "{}", .headers = {}});
        EXPECT_EQ(spans_.ended().back().failed, failed) << status;
    }
}

TEST_F(TracedTest, ARequestThatNobodyAnswersIsAFault) {
    const auto caught = ask(traced(spans_.tracer(), keeper()), {{"traceparent", kSampled}});
    { const Responder dropped = std::move(responder_); }
    ASSERT_EQ(caught->answers.size(), 1U);
    EXPECT_EQ(caught->answers[0].status, 500);
    ASSERT_EQ(spans_.ended().size(), 1U);
    EXPECT_TRUE(spans_.ended()[0].failed);
}

TEST_F(TracedTest, ATraceMayBeginHere) {
    static_cast<void>(ask(traced(spans_.tracer(), keeper()), {{"tracestate", "of=nobody"}}));
    EXPECT_TRUE(tracing::sampled(handed_on()));
    EXPECT_EQ(seen_->header("tracestate"), std::nullopt) << "it belongs to a trace that is not there";
}

TEST_F(TracedTest, WhatIsNotRecordedPassesAsItIs) {
    spans_.sample_new_ones(false);
    static_cast<void>(ask(traced(spans_.tracer(), keeper()), {{"tracestate", "of=nobody"}}));
    EXPECT_EQ(seen_->header("tracestate"), "of=nobody");
    const auto caught = ask(traced(spans_.tracer(), keeper()), {{"traceparent", kNotSampled}});
    EXPECT_EQ(handed_on(), kNotSampled);
    const tracing::Tracer off;
    static_cast<void>(ask(traced(off, keeper()), {{"traceparent", kSampled}}));
    EXPECT_EQ(handed_on(), kSampled);
    EXPECT_EQ(spans_.made(), 0);
}

}  // namespace
}  // namespace platform::http
