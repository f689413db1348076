#include "shared/http/client_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ClientMetrics, SpeakSpringsNames) {
    metrics::Registry registry("gateway");
    ClientMetrics metrics(registry, "order");
    for (int i = 0; i < 3; ++i) metrics.sent("GET", "/api/orders*", ClientResponse{.status = 200, .headers = {}, .body = {}}, 5ms);
    metrics.sent("POST", "/api/orders*", ClientResponse{.status = 503, .headers = {}, .body = {}}, 5ms);
    metrics.sent("POST", "/api/orders*", fail(ErrorKind::Timeout, "no answer of /api/orders/7"), 2s);
    const std::string text = registry.scrape();
    EXPECT_THAT(
        text,
        HasSubstr(
            R"(http_client_requests_seconds_count{application="gateway",client_name="order",error="none",exception="none",method="GET",)"
            R"(outcome="SUCCESS",status="200",uri="/api/orders*"} 3)"
        )
    );
    EXPECT_THAT(text, HasSubstr(R"(exception="none",method="POST",outcome="SERVER_ERROR",status="503",uri="/api/orders*"} 1)"));
    EXPECT_THAT(
        text,
        HasSubstr(R"(http_client_requests_seconds_max{application="gateway",client_name="order",error="timeout",exception="timeout",method="POST",)"
                  R"(outcome="UNKNOWN",status="CLIENT_ERROR",uri="/api/orders*"} 2)")
    );
}

}  // namespace
}  // namespace platform::http
