#include "services/gateway/adapters/console.hpp"

#include "shared/http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using testing::HasSubstr;

TEST(Console, IsServedWithoutABuildStep) {
    const SystemClock clock;
    metrics::Registry registry("gateway");
    http::Server server({.host = "127.0.0.1"}, clock, registry);
    declare_console(server);
    server.start();
    http::Client client;
    const auto get = [&](const std::string& path) {
        return client
            .send(
                {.method = "GET",
                 .url = "http://127.0.0.1:" + std::to_string(server.port()) + path,
                 .headers = {},
                 .body = {}}
            )
            .value();
    };
    const auto page = get("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'self'"));
    // The policy forbids inline code, so what the page needs has to be served by these paths.
    EXPECT_THAT(page.body, HasSubstr("src=\"/console.js\""));
    EXPECT_THAT(page.body, HasSubstr("href=\"/console.css\""));
    EXPECT_THAT(page.body, testing::Not(HasSubstr("<style")));
    EXPECT_EQ(get("/console.js").headers.at("content-type"), "text/javascript; charset=utf-8");
    EXPECT_THAT(get("/console.js").body, HasSubstr("/actuator/services"));
    EXPECT_THAT(page.body, HasSubstr("id=\"consumers\""));
    EXPECT_THAT(get("/console.js").body, HasSubstr("report.consumers.map"));
    EXPECT_EQ(get("/console.css").headers.at("content-type"), "text/css; charset=utf-8");
    server.stop();
}

}  // namespace
}  // namespace platform::gateway
