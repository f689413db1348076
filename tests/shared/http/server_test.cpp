#include "shared/http/server.hpp"

#include "shared/core/json.hpp"
#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <future>
#include <stdexcept>
#include <string>

namespace platform::http::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string member(const RawAnswer& answer, std::string_view name) {
    const auto document = json::parse(answer.body);
    if (!document) return "not JSON";
    const json::Value* value = document->find(name);
    return value == nullptr ? "missing" : value->text();
}

TEST(Server, NamesAddressAndPortWhenThePortIsTaken) {
    const TestServer first;
    SystemClock clock;
    metrics::Registry registry("test");
    Server second({.host = "127.0.0.1", .port = first.port()}, clock, registry);
    try {
        second.start();
        FAIL() << "two servers listen on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("127.0.0.1"));
        EXPECT_THAT(error.what(), HasSubstr(std::to_string(first.port())));
    }
}

TEST(Server, AnswersManyRequestsOnOneConnection) {
    const TestServer server;
    RawClient client(server.port());
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(client.ask(get("/items/" + std::to_string(i))).body, std::to_string(i));
        EXPECT_EQ(client.ask(get("/later/" + std::to_string(i))).body, std::to_string(i));
        EXPECT_EQ(client.ask(post("/echo", "body " + std::to_string(i))).body, "body " + std::to_string(i));
    }
}

TEST(Server, ClosesWhenAskedTo) {
    const TestServer server;
    for (const char* path : {"/json", "/later/x"}) {
        SCOPED_TRACE(path);
        RawClient client(server.port());
        const RawAnswer answer = client.ask(get(path, "Connection: close\r\n"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.at("connection"), "close");
        EXPECT_TRUE(client.closed_by_server());
    }
}

TEST(Server, SpeaksHttp10) {
    const TestServer server;
    RawClient once(server.port());
    EXPECT_EQ(once.ask("GET /json HTTP/1.0\r\n\r\n").status, 200);
    EXPECT_TRUE(once.closed_by_server());

    RawClient stays(server.port());
    EXPECT_EQ(stays.ask("GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.at("connection"), "keep-alive");
    EXPECT_EQ(stays.ask("GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200);
}

struct Refusal {
    const char* name;
    std::string request;
    int status;
    std::string code;
};

TEST(Server, RefusesWithAProblemAndKeepsTheConnection) {
    const TestServer server;
    RawClient client(server.port());
    const Refusal cases[] = {
        {"unknown path", get("/nowhere"), 404, "not-found"},
        {"trailing slash", get("/json/"), 404, "not-found"},
        {"double slash", get("//json"), 404, "not-found"},
        {"known path, other method", get("/echo"), 405, "method-not-allowed"},
        {"dot segments", get("/items/../json"), 400, "bad-target"},
        {"encoded dot segments", get("/items/%2e%2e/json"), 400, "bad-target"},
        {"encoded slash", get("/items/a%2fb"), 400, "bad-target"},
        {"encoded null", get("/items/a%00"), 400, "bad-target"},
        {"bad percent sign", get("/items/a%zz"), 400, "bad-target"},
        {"absolute form", get("http://test/json"), 400, "bad-target"},
        {"key twice", get("/json?a=1&a=2"), 400, "bad-target"},
        {"handler that throws", get("/throw"), 500, "internal"},
        {"handler that forgets", get("/forget"), 500, "internal"},
    };
    for (const auto& [name, request, status, code] : cases) {
        SCOPED_TRACE(name);
        const RawAnswer answer = client.ask(request);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
        EXPECT_EQ(member(answer, "code"), code);
        EXPECT_EQ(member(answer, "status"), std::to_string(status));
        EXPECT_EQ(member(answer, "correlationId"), answer.headers.at("x-correlation-id"));
        EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
    }
    EXPECT_EQ(client.ask(get("/json")).status, 200) << "the connection is as good as before";
}

TEST(Server, NamesTheMethodsOfAPath) {
    const TestServer server;
    RawClient client(server.port());
    EXPECT_EQ(client.ask(get("/echo")).headers.at("allow"), "POST");
    EXPECT_EQ(client.ask(post("/json", "")).headers.at("allow"), "GET, HEAD");
}

TEST(Server, AnswersHeadWithoutABody) {
    const TestServer server;
    RawClient client(server.port());
    client.send("HEAD /json HTTP/1.1\r\nHost: h\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" + get("/items/after"));
    const auto found = client.read(true);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->status, 200);
    EXPECT_EQ(found->headers.at("content-length"), "11");
    EXPECT_EQ(client.read(true).value_or(RawAnswer{}).status, 404);
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "after");
}

TEST(Server, TakesOrMakesACorrelationId) {
    const TestServer server;
    RawClient client(server.port());
    const RawAnswer taken = client.ask(get("/seen", "X-Correlation-Id: order-7:a.b_c\r\n"));
    EXPECT_EQ(taken.headers.at("x-correlation-id"), "order-7:a.b_c");
    EXPECT_EQ(taken.body, "order-7:a.b_c 127.0.0.1");
    for (const std::string& bad : {std::string("a b"), std::string("<script>"), std::string(129, 'x')}) {
        SCOPED_TRACE(bad);
        const RawAnswer made = client.ask(get("/seen", "X-Correlation-Id: " + bad + "\r\n"));
        EXPECT_EQ(made.headers.at("x-correlation-id").size(), 36U);
    }
}

TEST(Server, ClosesAfterWhatItCannotFrame) {
    const TestServer server;
    const Refusal cases[] = {
        {"bare line feeds", "GET /json HTTP/1.1\nHost: h\n\n", 400, "bad-line-end"},
        {"two lengths", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "bad-length"},
        {"unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501, "unknown-method"},
        {"unknown version", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505, "unknown-version"},
        {"large header", get("/json", "X-A: " + std::string(20'000, 'a') + "\r\n"), 431, "header-too-large"},
        {"large target", get("/" + std::string(20'000, 'a')), 414, "uri-too-long"},
    };
    for (const auto& [name, request, status, code] : cases) {
        SCOPED_TRACE(name);
        RawClient client(server.port());
        const RawAnswer answer = client.ask(request + get("/items/smuggled"));
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(member(answer, "code"), code);
        EXPECT_TRUE(client.closed_by_server()) << "what follows must not be taken for a request";
    }
}

TEST(Server, TakesBodiesUpToItsLimit) {
    const TestServer server;
    const std::string limit(1024 * 1024, 'b');
    RawClient client(server.port());
    EXPECT_EQ(client.ask(post("/echo", limit)).body, limit);
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n80000\r\n");
    client.send(limit.substr(0, 0x80000));
    client.send("\r\n80000;more\r\n" + limit.substr(0, 0x80000) + "\r\n0\r\nX-T: 1\r\n\r\n");
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, limit);
}

// The client is still sending when the answer is decided; closing at once would reset the connection and lose it.
TEST(Server, DeliversTheRefusalOfABodyThatIsTooLarge) {
    const TestServer server;
    RawClient client(server.port());
    client.send(post("/echo", std::string(2 * 1024 * 1024, 'b')));
    EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 413);

    RawClient chunked(server.port());
    chunked.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n");
    EXPECT_EQ(chunked.read().value_or(RawAnswer{}).status, 413);
}

TEST(Server, InvitesTheBodyOfAClientThatWaits) {
    const TestServer server;
    RawClient client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 100);
    EXPECT_EQ(client.ask("abc").body, "abc");
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 413) << "a body that is too large is not invited";
}

TEST(Server, CountsRequestsByRouteAndStatus) {
    const TestServer server;
    RawClient client(server.port());
    client.ask(get("/items/1"));
    client.ask(get("/items/2"));
    client.ask(get("/nowhere/1"));
    client.ask(get("/throw"));
    client.ask(get("/files/a/b"));
    const std::string count = "http_server_requests_seconds_count{application=\"test\",error=\"none\",exception=\"none\",method=\"GET\",";
    // The client may have its answer a moment before it is counted.
    EXPECT_TRUE(eventually([&] { return server.metric(count + R"(outcome="SUCCESS",status="200",uri="/files/**")") == 1; }));
    EXPECT_EQ(server.metric(count + R"(outcome="SUCCESS",status="200",uri="/items/{id}")"), 2);
    EXPECT_EQ(server.metric(count + R"(outcome="CLIENT_ERROR",status="404",uri="/**")"), 1);
    EXPECT_THAT(server.registry.scrape(), HasSubstr("exception=\"HandlerException\""));
    EXPECT_EQ(server.metric("http_server_requests_active_seconds_active_count"), 0);
    EXPECT_EQ(server.metric("http_server_connections"), 1);
}

TEST(Server, DrainsWhatIsInFlight) {
    TestServer server;
    RawClient waiting(server.port());
    waiting.send(get("/hold/1"));
    Responder responder = server.take_held();
    EXPECT_EQ(server.server.requests_in_flight(), 1U);
    const std::uint16_t port = server.port();
    RawClient other(port);
    EXPECT_EQ(other.ask(get("/json")).headers.contains("connection"), false);
    const auto drained = std::async(std::launch::async, [&server] { server.server.drain(20s); });
    EXPECT_TRUE(eventually([port] {
        try {
            const RawClient late(port);
            return false;
        } catch (const std::runtime_error&) {
            return true;
        }
    })) << "new connections are refused";
    // Who is there already is served once more, and told that it is the last time.
    const RawAnswer last = other.ask(get("/json"));
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.headers.at("connection"), "close");
    EXPECT_EQ(drained.wait_for(0s), std::future_status::timeout);
    responder.send(text("done"));
    const RawAnswer answer = waiting.read().value_or(RawAnswer{});
    EXPECT_EQ(answer.body, "done");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(drained.wait_for(20s), std::future_status::ready);
    EXPECT_EQ(server.server.requests_in_flight(), 0U);
}

TEST(Server, DrainEndsAtItsLimit) {
    TestServer server;
    RawClient client(server.port());
    client.send(get("/hold/1"));
    Responder responder = server.take_held();
    server.server.drain(20ms);
    EXPECT_EQ(server.server.requests_in_flight(), 1U);
}

TEST(Server, StopsWithRequestsInFlightAndSurvivesLateAnswers) {
    Responder late;
    {
        TestServer server;
        RawClient client(server.port());
        client.send(get("/hold/1"));
        late = server.take_held();
        RawClient idle(server.port());
        RawClient half(server.port());
        half.send("GET /js");
        RawClient slow(server.port(), 4096);
        slow.send(get("/big?bytes=20000000"));
        server.server.stop();
        server.server.stop();
        EXPECT_TRUE(client.drained_to_end());
        EXPECT_TRUE(idle.drained_to_end());
        EXPECT_TRUE(half.drained_to_end());
        EXPECT_EQ(server.server.requests_in_flight(), 0U);
    }
    EXPECT_EQ(late.correlation_id().size(), 36U);
    late.send(text("nobody hears this"));
}

TEST(Server, TurnsAwayClientsBeyondItsConnections) {
    const TestServer server({.max_connections = 2});
    RawClient first(server.port());
    EXPECT_EQ(first.ask(get("/json")).status, 200);
    RawClient second(server.port());
    EXPECT_EQ(second.ask(get("/json")).status, 200);
    {
        RawClient third(server.port());
        EXPECT_EQ(third.read().value_or(RawAnswer{}).status, 503);
    }
    second.reset();
    EXPECT_TRUE(eventually([&server] {
        RawClient next(server.port());
        return next.ask(get("/json")).status == 200;
    }));
}

TEST(Server, KeepsNoDescriptorsOfClientsThatLeft) {
    const TestServer server;
    for (int i = 0; i < 200; ++i) {
        RawClient client(server.port());
        client.send(i % 2 == 0 ? get("/json") : get("/later/x"));
        if (i % 3 == 0) client.reset();
    }
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_connections") == 0; }));
}

}  // namespace
}  // namespace platform::http::test
