#include "shared/redis/token_bucket.hpp"

#include "tests/backends/redis_server.hpp"
#include "tests/backends/wait.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace platform::redis {
namespace {

using namespace std::chrono_literals;
using test::RedisServer;

constexpr Rate kAmple{.replenish_per_second = 1, .burst = 100'000, .requested = 1};

class TokenBucketTest : public testing::Test {
protected:
    TokenBucketTest() {
        options.port = RedisServer::instance().port();
        options.command_timeout = 5s;  // the machine may be busy
        options.connect_timeout = 5s;
    }
    [[nodiscard]] std::string fresh_id() const {
        static std::atomic<int> count = 0;
        return "id " + std::to_string(++count) + " ' \r\n}";
    }

    Options options;
    SystemClock system;
    FakeClock fake;
};

TEST_F(TokenBucketTest, GivesTheBurstThenRefuses) {
    TokenBucket bucket(options, system);
    const std::string id = fresh_id();
    const Rate rate{.replenish_per_second = 1, .burst = 3000, .requested = 1000};  // one more in a thousand seconds
    for (int left = 2; left >= 0; --left) {
        const Verdict verdict = bucket.take(id, rate).value();
        EXPECT_TRUE(verdict.allowed);
        EXPECT_EQ(verdict.remaining / 1000, left);
    }
    const Verdict refused = bucket.take(id, rate).value();
    EXPECT_FALSE(refused.allowed);
    EXPECT_GT(refused.retry_after, 500s);
    EXPECT_LE(refused.retry_after, 1000s);
    EXPECT_TRUE(bucket.take(fresh_id(), rate).value().allowed) << "ids are apart";
}

TEST_F(TokenBucketTest, TokensComeBackWithTime) {
    TokenBucket bucket(options, system);
    const std::string id = fresh_id();
    const Rate rate{.replenish_per_second = 20, .burst = 2, .requested = 2};
    ASSERT_TRUE(bucket.take(id, rate).value().allowed);
    EXPECT_TRUE(test::wait_until([&] { return bucket.take(id, rate).value().allowed; }, 10s));
}

TEST_F(TokenBucketTest, IsExactUnderEightConnections) {
    const std::string id = fresh_id();
    const Rate rate{.replenish_per_second = 100, .burst = 50, .requested = 1};
    std::atomic<int> allowed = 0;
    std::atomic<int> failures = 0;
    const Instant started = system.now();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                TokenBucket bucket(options, system);
                for (int i = 0; i < 500; ++i) {
                    auto verdict = bucket.take(id, rate);
                    if (!verdict) ++failures;
                    if (verdict && verdict->allowed) ++allowed;
                }
            });
        }
    }
    const std::chrono::duration<double> passed = system.now() - started;
    EXPECT_EQ(failures, 0);
    EXPECT_LE(allowed, 50 + static_cast<int>(passed.count() * 100) + 1);
    EXPECT_GE(allowed, 50);
}

TEST_F(TokenBucketTest, GoesOnAfterTheScriptsWereForgotten) {
    TokenBucket bucket(options, system);
    const std::string id = fresh_id();
    const Rate half{.replenish_per_second = 1, .burst = 100'000, .requested = 50'000};
    ASSERT_TRUE(bucket.take(id, half).value().allowed);
    ASSERT_EQ(RedisServer::instance().command("SCRIPT FLUSH"), "+OK");
    EXPECT_TRUE(bucket.take(id, half).value().allowed);
    EXPECT_FALSE(bucket.take(id, half).value().allowed) << "tokens are kept, only the script was forgotten";
}

TEST_F(TokenBucketTest, KeysAreNamedAsSpringCloudGatewayNamesThemAndExpire) {
    TokenBucket bucket(options, system);
    ASSERT_TRUE(bucket.take("alice", {.replenish_per_second = 1, .burst = 30, .requested = 1}).has_value());
    for (const char* key : {"request_rate_limiter.{alice}.tokens", "request_rate_limiter.{alice}.timestamp"}) {
        SCOPED_TRACE(key);
        const std::string ttl = RedisServer::instance().command(std::string("TTL ") + key);
        EXPECT_TRUE(ttl == ":60" || ttl == ":59") << ttl;
    }
}

TEST_F(TokenBucketTest, AServerThatIsGoneIsUnavailableAndComesBack) {
    options.reconnect_pause = 1s;
    TokenBucket bucket(options, fake);
    const std::string id = fresh_id();
    ASSERT_TRUE(bucket.take(id, kAmple).has_value());
    RedisServer::instance().stop();
    EXPECT_EQ(bucket.take(id, kAmple).error().kind, ErrorKind::Unavailable);
    RedisServer::instance().start();
    EXPECT_EQ(bucket.take(id, kAmple).error().kind, ErrorKind::Unavailable) << "within the pause it does not even try";
    fake.advance(1s);
    EXPECT_TRUE(bucket.take(id, kAmple).has_value());
}

TEST_F(TokenBucketTest, AServerThatWasStartedAgainIsReachedByEveryConnectionAtOnce) {
    TokenBucket first(options, fake);
    TokenBucket second(options, fake);
    const std::string id = fresh_id();
    ASSERT_TRUE(first.take(id, kAmple).has_value());
    ASSERT_TRUE(second.take(id, kAmple).has_value());
    RedisServer::instance().stop();
    RedisServer::instance().start();
    EXPECT_TRUE(first.take(id, kAmple).has_value());
    EXPECT_TRUE(second.take(id, kAmple).has_value());
}

TEST_F(TokenBucketTest, AHangingServerIsATimeoutInTime) {
    options.command_timeout = 100ms;
    TokenBucket bucket(options, fake);
    const std::string id = fresh_id();
    ASSERT_TRUE(test::wait_until([&] {
        fake.advance(1s);
        return bucket.take(id, kAmple).has_value();
    }));
    RedisServer::instance().pause();
    const Instant started = system.now();
    auto late = bucket.take(id, kAmple);
    const Duration passed = system.now() - started;
    auto next = bucket.take(id, kAmple);
    RedisServer::instance().resume();
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().kind, ErrorKind::Timeout) << late.error().what;
    EXPECT_GE(passed, 100ms);
    EXPECT_LT(passed, 5s);
    ASSERT_FALSE(next.has_value());
    EXPECT_EQ(next.error().kind, ErrorKind::Unavailable) << "the next one does not wait again";
    EXPECT_TRUE(test::wait_until([&] {
        fake.advance(1s);
        return bucket.take(id, kAmple).has_value();
    }));
}

TEST_F(TokenBucketTest, AKeyOfAnotherTypeIsUnavailable) {
    TokenBucket bucket(options, fake);
    ASSERT_EQ(RedisServer::instance().command("LPUSH request_rate_limiter.{bob}.tokens 1"), ":1");
    EXPECT_EQ(bucket.take("bob", kAmple).error().kind, ErrorKind::Unavailable);
}

TEST_F(TokenBucketTest, APasswordIsAskedFor) {
    RedisServer locked("secret");
    options.port = locked.port();
    EXPECT_EQ(TokenBucket(options, fake).take("a", kAmple).error().kind, ErrorKind::Unavailable);
    options.password = "wrong";
    EXPECT_EQ(TokenBucket(options, fake).take("a", kAmple).error().kind, ErrorKind::Unavailable);
    options.password = "secret";
    EXPECT_TRUE(TokenBucket(options, fake).take("a", kAmple).has_value());
}

}  // namespace
}  // namespace platform::redis
