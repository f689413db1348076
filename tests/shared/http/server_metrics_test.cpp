#include "shared/http/server_metrics.hpp"

#include <gmock/gmock.h>

namespace platform::http {
namespace {

using testing::HasSubstr;

TEST(ServerMetrics, SpeakMicrometersNames) {
    metrics::Registry registry("order");
    ServerMetrics metrics(registry);
    for (int i = 0; i < 3; ++i) metrics.answered("GET", "/api/orders/{id}", 200, "none", std::chrono::milliseconds(5));
    metrics.answered("POST", "/api/orders", 503, "AnswerTimeout", std::chrono::milliseconds(5));
    metrics.request_began();
    const std::string text = registry.scrape();
    EXPECT_THAT(
        text,
        HasSubstr(R"(http_server_requests_seconds_count{application="order",error="none",exception="none",method="GET",outcome="SUCCESS",)"
                  R"(status="200",uri="/api/orders/{id}"} 3)")
    );
    EXPECT_THAT(text, HasSubstr(R"(exception="AnswerTimeout",method="POST",outcome="SERVER_ERROR",status="503",uri="/api/orders"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(http_server_requests_active_seconds_active_count{application="order"} 1)"));
}

TEST(OutcomeOf, FollowsTheClassOfTheStatus) {
    EXPECT_EQ(outcome_of(204), "SUCCESS");
    EXPECT_EQ(outcome_of(302), "REDIRECTION");
    EXPECT_EQ(outcome_of(404), "CLIENT_ERROR");
    EXPECT_EQ(outcome_of(500), "SERVER_ERROR");
}

}  // namespace
}  // namespace platform::http
