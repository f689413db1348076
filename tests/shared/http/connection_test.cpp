#include "shared/http/connection.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>

#include <sys/resource.h>

namespace platform::http::test {
namespace {

using namespace std::chrono_literals;

std::chrono::microseconds cpu_used() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) { return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec); };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

TEST(Connection, AnswersPipelinedRequestsInOrder) {
    const TestServer server;
    for (const std::string path : {"/items/", "/later/"}) {
        SCOPED_TRACE(path);
        RawClient client(server.port());
        std::string requests;
        for (int i = 0; i < 200; ++i) requests += get((i % 3 == 0 ? "/items/" : path) + std::to_string(i));
        client.send(requests);
        for (int i = 0; i < 200; ++i) ASSERT_EQ(client.read().value_or(RawAnswer{}).body, std::to_string(i));
    }
}

TEST(Connection, GoesOnWithWhatWasPipelinedBehindAnAnswerFromElsewhere) {
    TestServer server;
    RawClient client(server.port());
    const std::string second = post("/echo", "second");
    client.send(get("/hold/1") + second.substr(0, 40));
    Responder responder = server.take_held();
    client.send(second.substr(40) + get("/hold/3"));
    responder.send(text("first"));
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "first");
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "second");
    server.take_held().send(text("third"));
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "third");
}

TEST(Connection, ReadsRequestsByteByByte) {
    const TestServer server;
    RawClient client(server.port());
    for (int round = 0; round < 3; ++round) {
        const std::string request =
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for (const char byte : request) client.send(std::string_view(&byte, 1));
        EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "abcde");
    }
}

TEST(Connection, ClosesAfterTheAnswerWhenTooMuchIsPipelined) {
    TestServer server({.max_pipelined_bytes = 4096});
    RawClient client(server.port());
    client.send(get("/hold/1"));
    Responder responder = server.take_held();
    client.send(post("/echo", std::string(20'000, 'x')));
    responder.send(text("first"));
    EXPECT_EQ(client.read().value_or(RawAnswer{}).body, "first");
    EXPECT_TRUE(client.drained_to_end());
}

TEST(Connection, AnswersAClientThatClosedItsSide) {
    const TestServer server;
    for (const std::string path : {"/json", "/later/x", "/big?bytes=5000000"}) {
        SCOPED_TRACE(path);
        RawClient client(server.port());
        client.send(get(path));
        client.half_close();
        EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 200);
        EXPECT_TRUE(client.closed_by_server());
    }
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_connections") == 0; }));
}

TEST(Connection, SlowReaderGetsAllAndCostsNothing) {
    const TestServer server({.write_timeout = 60s});
    constexpr std::size_t kBytes = 20'000'000;
    RawClient slow(server.port(), 4096);
    slow.send(get("/big?bytes=" + std::to_string(kBytes)));
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_requests_seconds_count") >= 1; }));
    std::deque<RawClient> others;
    for (int i = 0; i < 4; ++i) EXPECT_EQ(others.emplace_back(server.port()).ask(get("/json")).status, 200);
    const auto before = cpu_used();
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([began] { return std::chrono::steady_clock::now() - began >= 500ms; }));
    EXPECT_LT(cpu_used() - before, 250ms) << "the writer must sleep while the client does not read";
    for (RawClient& other : others) EXPECT_EQ(other.ask(get("/json")).status, 200);
    const RawAnswer answer = slow.read().value_or(RawAnswer{});
    EXPECT_EQ(answer.body.size(), kBytes);
    EXPECT_EQ(slow.ask(get("/items/next")).body, "next");
}

TEST(Connection, CutsOffAReaderThatIsTooSlow) {
    const TestServer server({.write_timeout = 200ms});
    RawClient slow(server.port(), 4096);
    slow.send(get("/big?bytes=20000000"));
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_writes_given_up_total") == 1; }));
    EXPECT_TRUE(slow.drained_to_end());
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_connections") == 0; }));
    EXPECT_EQ(server.server.requests_in_flight(), 0U);
}

TEST(Connection, CutsOffTheSlowestWhenTooManyBytesWait) {
    const TestServer server({.write_timeout = 60s, .max_pending_write_bytes = 30'000'000});
    RawClient first(server.port(), 4096);
    first.send(get("/big?bytes=20000000"));
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_requests_seconds_count") >= 1; }));
    RawClient second(server.port(), 4096);
    second.send(get("/big?bytes=20000001"));
    EXPECT_TRUE(first.drained_to_end());
    EXPECT_EQ(second.read().value_or(RawAnswer{}).body.size(), 20'000'001U);
}

TEST(Connection, EndsARequestThatDoesNotCome) {
    const TestServer server({.request_timeout = 150ms});
    for (const std::string begun : {"GET /js", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"}) {
        SCOPED_TRACE(begun);
        RawClient client(server.port());
        EXPECT_EQ(client.ask(get("/json")).status, 200);
        client.send(begun);
        EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 408);
        EXPECT_TRUE(client.closed_by_server());
    }
}

TEST(Connection, ARequestThatDripsIsNotSavedByItsDrops) {
    const TestServer server({.request_timeout = 300ms});
    RawClient client(server.port());
    const auto began = std::chrono::steady_clock::now();
    bool open = true;
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n");
    eventually([&] {
        open = client.send("X");
        return !open || server.metric("http_server_requests_seconds_count") > 0;
    });
    EXPECT_EQ(client.read().value_or(RawAnswer{}).status, 408);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST(Connection, ClosesWhatIsIdle) {
    const TestServer server({.idle_timeout = 150ms});
    RawClient silent(server.port());
    RawClient used(server.port());
    EXPECT_EQ(used.ask(get("/json")).status, 200);
    EXPECT_TRUE(silent.closed_by_server());
    EXPECT_TRUE(used.closed_by_server());
}

TEST(Connection, AnswersForAHandlerThatTakesTooLong) {
    TestServer server({.idle_timeout = 50ms, .answer_timeout = 200ms});
    RawClient client(server.port());
    client.send(get("/hold/1"));
    Responder late = server.take_held();
    const RawAnswer answer = client.read().value_or(RawAnswer{});
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    late.send(text("too late"));
    EXPECT_TRUE(client.closed_by_server()) << "no second answer";
}

}  // namespace
}  // namespace platform::http::test
