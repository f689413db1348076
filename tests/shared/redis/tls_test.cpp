#include "shared/redis/tls.hpp"

#include "shared/redis/token_bucket.hpp"
#include "tests/backends/certificates.hpp"
#include "tests/backends/redis_server.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::redis {
namespace {

using namespace std::chrono_literals;
using test::Authority;

constexpr Rate kAmple{.replenish_per_second = 1, .burst = 100'000, .requested = 1};

class RedisTlsTest : public testing::Test {
protected:
    RedisTlsTest() {
        options.port = port_;
        options.tls_ca = authority.ca();
        options.command_timeout = 5s;  // the machine may be busy
        options.connect_timeout = 5s;
    }

    /// The server shows this certificate from now on.
    void serve(const Authority::Certificate& shown) {
        const std::string files = "tls-cert-file " + shown.certificate + " tls-key-file " + shown.key;
        const std::string rest = " tls-ca-cert-file " + authority.ca() + " tls-auth-clients no tls-port " + std::to_string(port_);
        ASSERT_EQ(server.command("CONFIG SET " + files + rest), "+OK");
    }
    Result<Verdict> take() const {
        FakeClock clock;
        return TokenBucket(options, clock).take("a", kAmple);
    }
    /// Why the server is not spoken to.
    std::string refusal() const {
        const auto answer = take();
        if (answer) return "taken";
        EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable) << answer.error().what;
        return answer.error().what;
    }

    Options options;
    Authority authority;
    Authority stranger;
    test::RedisServer server;

private:
    std::uint16_t port_ = test::free_port();
};

TEST_F(RedisTlsTest, AGoodCertificateIsTaken) {
    serve(authority.issue("IP:127.0.0.1"));
    const auto verdict = take();
    ASSERT_TRUE(verdict.has_value()) << verdict.error().what;
    EXPECT_TRUE(verdict->allowed);
    EXPECT_EQ(server.command("EXISTS request_rate_limiter.{a}.tokens"), ":1");
}

TEST_F(RedisTlsTest, TheNameToLookForCanBeAnotherThanTheAddress) {
    serve(authority.issue("DNS:redis.shop.svc"));
    EXPECT_EQ(refusal(), "redis: TLS: IP address mismatch");
    options.tls_server_name = "redis.shop.svc";
    EXPECT_EQ(refusal(), "taken");
    options.tls_server_name = "redis.other.svc";
    EXPECT_EQ(refusal(), "redis: TLS: hostname mismatch");
}

TEST_F(RedisTlsTest, AnyOtherCertificateIsRefusedAndTheReasonTold) {
    serve(authority.issue("IP:127.0.0.1", Authority::Validity::LongPast));
    EXPECT_EQ(refusal(), "redis: TLS: certificate has expired");
    serve(authority.issue("IP:127.0.0.1"));
    options.tls_ca = stranger.ca();
    EXPECT_EQ(refusal(), "redis: TLS: self-signed certificate in certificate chain");
    options.tls_ca = "/no/such/file";
    EXPECT_EQ(refusal(), "redis: TLS: no authority in the file /no/such/file");
}

TEST_F(RedisTlsTest, PlainAndEncryptedDoNotMeet) {
    serve(authority.issue("IP:127.0.0.1"));
    const std::uint16_t encrypted = options.port;
    options.port = server.port();
    EXPECT_TRUE(refusal().starts_with("redis: TLS: ")) << "the server speaks no TLS there";
    options.port = encrypted;
    options.tls_ca.clear();
    EXPECT_NE(refusal(), "taken") << "a plain client";
}

}  // namespace
}  // namespace platform::redis
