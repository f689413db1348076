#include "shared/http/dispatcher.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

namespace platform::http::test {
namespace {

TEST(CorrelationIdOf, TakesHarmlessIdsOnly) {
    SystemClock clock;
    UuidGenerator ids(clock);
    FramedRequest framed;
    EXPECT_EQ(correlation_id_of(framed, ids).size(), 36U);
    for (const char* good : {"a", "01a204d8-85e2-72f6-84d6-f1f140f6256d", "order:7_b.c"}) {
        framed.headers["x-correlation-id"] = good;
        EXPECT_EQ(correlation_id_of(framed, ids), good);
    }
    for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\"b"), std::string("a,b"), std::string(129, 'a')}) {
        framed.headers["x-correlation-id"] = bad;
        EXPECT_NE(correlation_id_of(framed, ids), bad);
    }
}

TEST(Dispatcher, GivesHandlersTheWholeRequest) {
    SystemClock clock;
    metrics::Registry registry("test");
    Server server({.host = "127.0.0.1"}, clock, registry);
    Request seen;
    server.route("PUT", "/a/:name/c", [&seen](const Request& request, Responder responder) {
        seen = request;
        responder.send(text(""));
    });
    server.start();
    RawClient client(server.port());
    client.ask("PUT /a/b%20b/c?x=%31 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-a: 2\r\nX-Correlation-Id: c-1\r\nContent-Length: 4\r\n\r\nbody");
    server.stop();
    EXPECT_EQ(seen.method, "PUT");
    EXPECT_EQ(seen.path, "/a/b b/c");
    EXPECT_EQ(seen.target, "/a/b%20b/c?x=%31");
    EXPECT_EQ(seen.route, "/a/:name/c");
    EXPECT_EQ(seen.params.at("name"), "b b");
    EXPECT_EQ(seen.query.at("x"), "1");
    EXPECT_EQ(seen.header("x-a"), "1, 2");
    EXPECT_EQ(seen.body, "body");
    EXPECT_EQ(seen.remote, "127.0.0.1");
    EXPECT_EQ(seen.correlation_id, "c-1");
}

}  // namespace
}  // namespace platform::http::test
