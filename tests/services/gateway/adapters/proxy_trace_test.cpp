#include "services/gateway/adapters/proxy.hpp"

#include "shared/core/json.hpp"
#include "tests/services/gateway/fake_upstream.hpp"
#include "tests/services/gateway/running_gateway.hpp"
#include "tests/shared/otlp/collector.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::gateway {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kClient = "00f067aa0ba902b7";

/// What the tests ask of a span.
struct Seen {
    std::string id;
    std::string parent;
    std::string kind;
    std::map<std::string, std::string> attributes;
};

/// A gateway whose spans go to a collector, in front of one fake order service.
class ProxyTraceTest : public testing::Test {
protected:
    ProxyTraceTest() : gateway_(std::make_unique<test::RunningGateway>(settings())) {}

    http::ClientResponse ask(const std::string& flags) {
        return gateway_->send(
            {.method = "GET", .url = "/api/orders/7", .headers = {{"traceparent", "00-" + kTrace + "-" + kClient + "-" + flags}}, .body = {}}
        );
    }
    /// All spans of the trace; the gateway sends its last ones when it stops.
    std::vector<Seen> spans() {
        gateway_.reset();
        std::vector<Seen> all;
        for (const auto& request : collector_.requests()) {
            const auto body = json::parse(request.body);
            EXPECT_TRUE(body.has_value()) << request.body;
            const auto& scope = body->find("resourceSpans")->items().at(0).find("scopeSpans")->items().at(0);
            for (const auto& span : scope.find("spans")->items()) {
                if (span.find("traceId")->text() == kTrace) all.push_back(seen(span));
            }
        }
        return all;
    }
    static std::vector<Seen> of_kind(const std::vector<Seen>& spans, const std::string& kind) {
        std::vector<Seen> found;
        for (const Seen& span : spans) {
            if (span.kind == kind) found.push_back(span);
        }
        return found;
    }

    otlp::test::Collector collector_;
    test::FakeUpstream order_;
    std::unique_ptr<test::RunningGateway> gateway_;

private:
    test::Settings settings() {
        return {
            {"UPSTREAM_ORDER", order_.address()},
            {"ROUTE_ORDERS_RATE_LIMIT", "false"},
            {"BREAKER_MIN_CALLS", "100"},
            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector_.url()},
            {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
            {"OTEL_TRACES_SAMPLER_ARG", "0"},
        };
    }
    static Seen seen(const json::Value& span) {
        const json::Value* parent = span.find("parentSpanId");
        Seen one{
            .id = span.find("spanId")->text(),
            .parent = parent != nullptr ? parent->text() : "",
            .kind = span.find("kind")->text(),
            .attributes = {},
        };
        for (const auto& attribute : span.find("attributes")->items()) {
            one.attributes[attribute.find("key")->text()] = attribute.find("value")->members().at(0).second.text();
        }
        return one;
    }
};

TEST_F(ProxyTraceTest, EachTryHasASpanBelowTheRequestsAndThePodSeesIt) {
    order_.behave([left = std::make_shared<std::atomic<int>>(1)](const http::Request&, http::Responder responder) {
        responder.send(http::Response{.status = --*left >= 0 ? 503 : 200, .body = "{}", .headers = {}});
    });
    EXPECT_EQ(ask("01").status, 200);
    const auto received = order_.requests();
    ASSERT_EQ(received.size(), 2U);
    const auto all = spans();
    const auto servers = of_kind(all, "2");
    const auto clients = of_kind(all, "3");
    ASSERT_EQ(servers.size(), 1U);
    ASSERT_EQ(clients.size(), 2U);
    EXPECT_EQ(servers[0].parent, kClient);
    EXPECT_EQ(servers[0].attributes.at("http.response.status_code"), "200");
    for (std::size_t i = 0; i < clients.size(); ++i) {
        EXPECT_EQ(clients[i].parent, servers[0].id);
        EXPECT_EQ(received[i].header("traceparent"), "00-" + kTrace + "-" + clients[i].id + "-01");
        EXPECT_EQ(clients[i].attributes.at("server.address"), "127.0.0.1");
    }
    EXPECT_EQ(clients[0].attributes.at("http.response.status_code"), "503");
    EXPECT_EQ(clients[0].attributes.at("error.type"), "503");
    EXPECT_FALSE(clients[0].attributes.contains("http.request.resend_count"));
    EXPECT_EQ(clients[1].attributes.at("http.request.resend_count"), "1");
}

TEST_F(ProxyTraceTest, ATraceThatIsNotRecordedIsCarriedOnWithoutSpans) {
    EXPECT_EQ(ask("00").status, 200);
    const auto received = order_.requests();
    ASSERT_EQ(received.size(), 1U);
    const std::string carried = received[0].header("traceparent").value_or("");
    EXPECT_TRUE(carried.starts_with("00-" + kTrace)) << carried;
    EXPECT_TRUE(carried.ends_with("-00")) << carried;
    EXPECT_TRUE(spans().empty());
    EXPECT_TRUE(collector_.requests().empty()) << "and at a ratio of 0 nothing else is";
}

}  // namespace
}  // namespace platform::gateway
