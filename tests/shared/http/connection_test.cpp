#include "shared/http/connection.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <sys/resource.h>
#include <sys/socket.h>

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

/// Keeps the request instead of handling it, and its connection's other end at hand.
class Bench final : public RequestSink {
public:
    explicit Bench(const Server::Options& options) : shared(std::make_shared<SharedState>(options, clock, registry)) {
        shared->sink = this;
        shared->attendant.start(clock, 10ms, [] { return false; });
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        theirs = Descriptor(pair[1]);
        connection = std::make_shared<Connection>(shared, 1, Descriptor(pair[0]), "here");
        shared->attendant.add(connection);
    }
    ~Bench() override {
        connection->close();
        shared->attendant.stop();
    }
    void accept(FramedRequest framed, Connection& from) override {
        ++accepted;
        HttpExchange::Facts facts{.correlation_id = "c", .method = framed.method, .uri = "/", .keep_alive = true, .http_1_0 = false};
        exchange = std::make_shared<HttpExchange>(from.shared_from_this(), std::move(facts), clock.now());
        from.begin(exchange);
    }
    std::string received() {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(theirs.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
    }

    SystemClock clock;
    metrics::Registry registry{"test"};
    std::shared_ptr<SharedState> shared;
    Descriptor theirs;
    std::shared_ptr<Connection> connection;
    std::shared_ptr<HttpExchange> exchange;
    std::atomic<int> accepted{0};
};

TEST(Connection, ClosesAfterTheAnswerWhenTooMuchIsPipelined) {
    Bench bench({.max_pipelined_bytes = 4096});
    bench.connection->on_input(get("/1"));
    bench.connection->on_input(get("/2"));
    bench.connection->on_input(std::string(5000, 'x'));
    bench.exchange->answer(text("first"));
    EXPECT_THAT(bench.received(), testing::AllOf(testing::HasSubstr("Connection: close"), testing::EndsWith("first")));
    EXPECT_EQ(bench.accepted, 1) << "what is left of the pipeline is not to be trusted";
}

TEST(Connection, CutsOffAClientThatSendsWithoutEnd) {
    Bench bench({.max_pipelined_bytes = 4096});
    bench.connection->on_input(get("/1"));
    const std::string flood(1024 * 1024, 'x');
    for (int i = 0; i < 10; ++i) bench.connection->on_input(flood);
    EXPECT_EQ(bench.shared->in_flight, 0U);
    bench.exchange->answer(text("too late"));
    EXPECT_EQ(bench.received(), "");
}

TEST(Connection, AnAnswerCountsOnce) {
    Bench bench({});
    bench.connection->on_input(get("/1") + get("/2"));
    const std::shared_ptr<HttpExchange> first = bench.exchange;
    first->answer(text("one"));
    EXPECT_TRUE(eventually([&bench] { return bench.accepted == 2; }));
    first->answer(text("again"));
    EXPECT_THAT(bench.received(), testing::Not(testing::HasSubstr("again")));
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
    const TestServer server({.write_timeout = 60s, .max_pending_write_bytes = 25'000'000});
    RawClient first(server.port(), 4096);
    first.send(get("/big?bytes=20000000"));
    const auto answered = [&server](int count) {
        return eventually([&] { return server.metric("http_server_requests_seconds_count") >= count; });
    };
    EXPECT_TRUE(answered(1));
    RawClient second(server.port(), 4096);
    second.send(get("/big?bytes=20000001"));
    EXPECT_TRUE(answered(2)) << "both wait before anybody reads";
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
    const TestServer server({.idle_timeout = 500ms});
    RawClient used(server.port());
    EXPECT_EQ(used.ask(get("/json")).status, 200);
    RawClient silent(server.port());
    EXPECT_TRUE(silent.closed_by_server());
    EXPECT_TRUE(used.closed_by_server());
}

TEST(Connection, AnswersForAHandlerThatTakesTooLong) {
    TestServer server({.answer_timeout = 200ms});
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
