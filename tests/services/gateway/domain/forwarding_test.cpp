#include "services/gateway/domain/forwarding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace platform::gateway {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

const std::string kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-";
const ForwardedBy kBy{
    .client = "192.0.2.7",
    .correlation_id = "c-1",
    .request_id = "r-1",
    .traceparent = kTrace + "1111111111111111-01"
};

TEST(UpstreamHeaders, KeepWhatIsTheRequests) {
    const auto headers = upstream_headers(
        {{"accept", "*/*"},
         {"content-type", "application/json"},
         {"idempotency-key", "k"},
         {"authorization", "Bearer x"},
         {"traceparent", kTrace + "00f067aa0ba902b7-01"},
         {"tracestate", "vendor=1"},
         {"host", "shop.example:8080"},
         {"content-length", "5"},
         {"expect", "100-continue"}},
        kBy
    );
    EXPECT_THAT(
        headers,
        UnorderedElementsAre(
            Pair("accept", "*/*"),
            Pair("content-type", "application/json"),
            Pair("idempotency-key", "k"),
            Pair("authorization", "Bearer x"),
            Pair("traceparent", kBy.traceparent),
            Pair("tracestate", "vendor=1"),
            Pair("X-Forwarded-For", "192.0.2.7"),
            Pair("X-Forwarded-Proto", "http"),
            Pair("X-Forwarded-Host", "shop.example:8080"),
            Pair("X-Correlation-Id", "c-1"),
            Pair("X-Request-Id", "r-1")
        )
    );
}

TEST(UpstreamHeaders, DropTheStateOfATraceThatWasBegunAnew) {
    const auto headers = upstream_headers({{"traceparent", "00-broken"}, {"tracestate", "vendor=1"}}, kBy);
    EXPECT_THAT(headers, Contains(Pair("traceparent", kBy.traceparent)));
    EXPECT_THAT(headers, Not(Contains(Key("tracestate"))));
}

TEST(UpstreamHeaders, DropTheConnectionsOwnAndThoseThatItNames) {
    const auto headers = upstream_headers(
        {{"connection", "keep-alive, X-Secret ,x-other"},
         {"keep-alive", "timeout=5"},
         {"transfer-encoding", "chunked"},
         {"te", "trailers"},
         {"trailer", "x"},
         {"upgrade", "websocket"},
         {"proxy-authorization", "x"},
         {"proxy-connection", "x"},
         {"proxy-authenticate", "x"},
         {"x-secret", "1"},
         {"x-other", "1"},
         {"x-kept", "1"}},
        kBy
    );
    EXPECT_THAT(
        headers,
        UnorderedElementsAre(
            Pair("x-kept", "1"),
            Pair("X-Forwarded-For", "192.0.2.7"),
            Pair("X-Forwarded-Proto", "http"),
            Pair("X-Correlation-Id", "c-1"),
            Pair("X-Request-Id", "r-1"),
            Pair("traceparent", kBy.traceparent)
        )
    );
}

TEST(UpstreamHeaders, NeverBelieveTheClientAboutItsOrigin) {
    const auto headers = upstream_headers(
        {{"x-forwarded-for", "1.2.3.4"},
         {"x-forwarded-host", "evil"},
         {"x-forwarded-port", "1"},
         {"x-forwarded-proto", "https"},
         {"forwarded", "for=1.2.3.4"},
         {"x-real-ip", "1.2.3.4"},
         {"x-request-id", "mine"},
         {"x-correlation-id", "mine"}},
        kBy
    );
    for (const auto& [name, value] : headers) {
        EXPECT_THAT(value, testing::AnyOf("192.0.2.7", "http", "c-1", "r-1", kBy.traceparent)) << name;
    }
    EXPECT_EQ(headers.size(), 5U);
}

TEST(DownstreamHeaders, KeepWhatIsTheAnswers) {
    const auto headers = downstream_headers(
        {{"location", "/api/orders/1"},
         {"etag", "\"3\""},
         {"retry-after", "2"},
         {"idempotency-replayed", "true"},
         {"content-type", "application/json"},
         {"content-length", "3"},
         {"date", "x"},
         {"server", "x"},
         {"connection", "close, x-hop"},
         {"keep-alive", "x"},
         {"transfer-encoding", "chunked"},
         {"x-hop", "1"},
         {"x-correlation-id", "theirs"},
         {"x-request-id", "theirs"}}
    );
    EXPECT_THAT(
        headers,
        UnorderedElementsAre(
            Pair("location", "/api/orders/1"),
            Pair("etag", "\"3\""),
            Pair("retry-after", "2"),
            Pair("idempotency-replayed", "true")
        )
    );
    EXPECT_THAT(headers, Not(Contains(Key("connection"))));
}

}  // namespace
}  // namespace platform::gateway
