#include "shared/http/client.hpp"

#include "shared/http/descriptor.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <format>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platform::http::test {
namespace {

using namespace std::chrono_literals;

ClientRequest request_to(std::string url, std::string method = "GET", std::string body = {}) {
    ClientRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.body = std::move(body);
    return request;
}

class ClientTest : public testing::Test {
protected:
    std::string url(const std::string& path) const { return std::format("http://127.0.0.1:{}{}", server.port(), path); }
    TestServer server;
    Client client;
};

TEST_F(ClientTest, SendsMethodHeadersAndBody) {
    const auto echoed = client.send(request_to(url("/echo"), "POST", "hello"));
    ASSERT_TRUE(echoed);
    EXPECT_EQ(echoed->status, 200);
    EXPECT_EQ(echoed->body, "hello");
    EXPECT_EQ(echoed->headers.at("content-type"), "text/plain");

    ClientRequest with_header = request_to(url("/seen"));
    with_header.headers = {{"X-Correlation-Id", "c-7"}};
    const auto seen = client.send(with_header);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->body, "c-7 127.0.0.1");
    EXPECT_EQ(client.send(request_to(url("/json"), "HEAD"))->body, "");
    EXPECT_EQ(client.send(request_to(url("/echo"), "POST"))->status, 200);
    EXPECT_EQ(client.send(request_to(url("/json"), "DELETE"))->status, 405);
}

TEST_F(ClientTest, KeepsItsConnectionAlsoAfterRefusals) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(client.send(request_to(url("/json")))->status, 200);
        EXPECT_EQ(client.send(request_to(url("/nowhere")))->status, 404);
        EXPECT_EQ(client.send(request_to(url("/json"), "POST"))->status, 405);
        EXPECT_EQ(client.send(request_to(url("/throw")))->status, 500);
    }
    EXPECT_EQ(server.metric("http_server_connections"), 1);
}

TEST_F(ClientTest, SendsLargeBodiesWithoutWaitingForAnInvitation) {
    const std::string large(1024 * 1024, 'x');
    const auto answer = client.send(request_to(url("/echo"), "POST", large));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), large.size());
}

TEST_F(ClientTest, RefusesInvalidRequests) {
    for (const char* bad : {"ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:99999/", "http:// a/", "http://a/\r\nX: y"}) {
        SCOPED_TRACE(bad);
        const auto answer = client.send(request_to(bad));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, ErrorKind::Invalid);
    }
    EXPECT_EQ(client.send(request_to(url("/"), "G T")).error().kind, ErrorKind::Invalid);
    ClientRequest split = request_to(url("/"));
    split.headers = {{"X-A", "1\r\nX-B: 2"}};
    EXPECT_EQ(client.send(split).error().kind, ErrorKind::Invalid);
}

TEST_F(ClientTest, ItsErrorsShowNothingSecretOfTheUrl) {
    const std::uint16_t port = server.port();
    server.server.stop();
    ClientRequest request = request_to(std::format("http://user:secret-1@127.0.0.1:{}/pay?token=secret-2#secret-3", port));
    for (const Duration timeout : {Duration(5s), Duration(0s)}) {
        request.timeout = timeout;
        const auto answer = client.send(request);
        ASSERT_FALSE(answer);
        EXPECT_FALSE(answer.error().what.contains("secret")) << answer.error().what;
        EXPECT_TRUE(answer.error().what.contains(std::format("http://127.0.0.1:{}/pay", port))) << answer.error().what;
    }
}

TEST_F(ClientTest, SaysThatNothingWasSentWhenNobodyListens) {
    const std::uint16_t port = server.port();
    server.server.stop();
    const auto answer = client.send(request_to(std::format("http://127.0.0.1:{}/json", port)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(answer.error().outcome_unknown);
}

TEST_F(ClientTest, ATimeoutAfterSendingLeavesTheOutcomeOpen) {
    ClientRequest request = request_to(url("/hold/1"));
    request.timeout = 100ms;
    const auto answer = client.send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
    EXPECT_TRUE(answer.error().outcome_unknown);
}

TEST_F(ClientTest, ATimeoutOfTheConnectionMeansNothingWasSent) {
    // A socket that listens with a full backlog answers no further connection.
    const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listening, 0), 0);
    socklen_t length = sizeof address;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &length);
    std::vector<Descriptor> filling;
    for (int i = 0; i < 4; ++i) {
        filling.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        ::connect(filling.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    ClientRequest request = request_to(std::format("http://127.0.0.1:{}/", ntohs(address.sin_port)));
    request.connect_timeout = 100ms;
    const auto answer = client.send(request);
    ::close(listening);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
    EXPECT_FALSE(answer.error().outcome_unknown);
}

TEST_F(ClientTest, BoundsTheAnswer) {
    ClientRequest request = request_to(url("/big?bytes=100000"));
    request.max_response_bytes = 99'999;
    const auto answer = client.send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Internal);
    EXPECT_TRUE(answer.error().outcome_unknown);
    request.max_response_bytes = 100'000;
    EXPECT_EQ(client.send(request)->body.size(), 100'000U);
}

TEST_F(ClientTest, ALostConnectionLeavesTheOutcomeOpen) {
    auto answer = std::async(std::launch::async, [this] { return client.send(request_to(url("/hold/1"), "GET")); });
    Responder held = server.take_held();
    server.server.stop();
    const auto outcome = answer.get();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::Unavailable);
    EXPECT_TRUE(outcome.error().outcome_unknown);
}

}  // namespace
}  // namespace platform::http::test
