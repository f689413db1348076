#include "shared/mysql/pool.hpp"

#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace platform::mysql {
namespace {

using test::MysqlServer;
using namespace std::chrono_literals;

class PoolTest : public testing::Test {
protected:
    PoolTest() : options(MysqlServer::instance().fresh_database()) { options.pool_size = 2; }

    [[nodiscard]] std::string connections() const {
        auto session = Session::connect(MysqlServer::instance().root()).value();
        return session
            ->query(Sql("SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?", options.database))
            .value()
            .front()
            .text(0);
    }

    Options options;
    SystemClock clock;
    metrics::Registry registry{"test"};
};

TEST_F(PoolTest, LendsTheSameSessionAgain) {
    Pool pool("db", options, clock, registry);
    std::string id;
    for (int i = 0; i < 3; ++i) {
        auto session = pool.acquire().value();
        const std::string now = session->query(Sql("SELECT CONNECTION_ID()")).value().front().text(0);
        EXPECT_TRUE(id.empty() || id == now);
        id = now;
    }
    EXPECT_TRUE(pool.reachable());
}

TEST_F(PoolTest, NeverHasMoreSessionsThanItMay) {
    Pool pool("db", options, clock, registry);
    std::atomic<int> lent = 0;
    std::atomic<int> most = 0;
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < 20; ++round) {
                    auto session = pool.acquire(20s);
                    if (!session) {
                        ++failures;
                        continue;
                    }
                    const int now = ++lent;
                    int seen = most;
                    while (now > seen && !most.compare_exchange_weak(seen, now)) {
                    }
                    if (!(*session)->query(Sql("SELECT 1"))) ++failures;
                    --lent;
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    EXPECT_LE(most, 2);
    EXPECT_LE(std::stoi(connections()), 2);
}

TEST_F(PoolTest, AWaitForASessionEnds) {
    Pool pool("db", options, clock, registry);
    auto one = pool.acquire().value();
    auto two = pool.acquire().value();
    auto none = pool.acquire(50ms);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().kind, ErrorKind::Timeout);
    const std::string text = registry.scrape();
    EXPECT_NE(text.find("hikaricp_connections_active{application=\"test\",pool=\"db\"} 2"), std::string::npos)
        << text;
    EXPECT_NE(
        text.find("hikaricp_connections_timeout_total{application=\"test\",pool=\"db\"} 1"), std::string::npos
    ) << text;
    EXPECT_NE(text.find("hikaricp_connections_max{application=\"test\",pool=\"db\"} 2"), std::string::npos)
        << text;
}

TEST_F(PoolTest, TellsHowLongSessionsAreMadeWaitedForAndLent) {
    FakeClock time;
    Pool pool("db", options, time, registry);
    const auto told = [&](const std::string& name) {
        const std::string text = registry.scrape();
        const std::string series = "hikaricp_connections_" + name + "{application=\"test\",pool=\"db\"} ";
        const auto at = text.find("\n" + series);
        return at == std::string::npos ? "absent" : text.substr(at + 1 + series.size(), text.find('\n', at + 1) - at - 1 - series.size());
    };
    {
        const auto session = pool.acquire().value();
        time.advance(3s);
        EXPECT_EQ(told("usage_seconds_count"), "0") << "it is still lent";
    }
    EXPECT_EQ(told("usage_seconds_count"), "1");
    EXPECT_EQ(told("usage_seconds_sum"), "3");
    EXPECT_EQ(told("creation_seconds_count"), "1");
    { const auto again = pool.acquire().value(); }
    EXPECT_EQ(told("usage_seconds_count"), "2");
    EXPECT_EQ(told("acquire_seconds_count"), "2");
    EXPECT_EQ(told("creation_seconds_count"), "1") << "the same session was lent again";
    EXPECT_EQ(told("min"), "0");
}

TEST_F(PoolTest, ALeaseThatEndsWakesAWaiter) {
    options.pool_size = 1;
    Pool pool("db", options, clock, registry);
    std::optional<Pool::Lease> held(pool.acquire().value());
    std::atomic<bool> got = false;
    std::jthread waiter([&] { got = pool.acquire(20s).has_value(); });
    held.reset();
    waiter.join();
    EXPECT_TRUE(got);
}

TEST_F(PoolTest, AfterARestartOfTheServerNobodyGetsADeadSession) {
    Pool pool("db", options, clock, registry);
    {
        auto one = pool.acquire().value();
        auto two = pool.acquire().value();
    }
    MysqlServer::instance().restart();
    // The restart took longer than an idle session is trusted, so both are asked before they are lent.
    for (int i = 0; i < 3; ++i) {
        auto session = pool.acquire();
        ASSERT_TRUE(session.has_value()) << session.error().what;
        EXPECT_TRUE((*session)->query(Sql("SELECT 1")).has_value());
    }
}

TEST_F(PoolTest, OneLostSessionCastsDoubtOnTheOthers) {
    Pool pool("db", options, clock, registry);
    std::vector<std::string> ids;
    std::optional<Pool::Lease> one(pool.acquire().value());
    std::optional<Pool::Lease> two(pool.acquire().value());
    for (auto* lease : {&one, &two})
        ids.push_back((**lease)->query(Sql("SELECT CONNECTION_ID()")).value().front().text(0));
    for (const std::string& id : ids) MysqlServer::instance().run("KILL " + id);
    two.reset();
    EXPECT_FALSE((*one)->query(Sql("SELECT 1")).has_value());
    one.reset();
    EXPECT_FALSE(pool.reachable());
    auto session = pool.acquire();
    ASSERT_TRUE(session.has_value());
    EXPECT_TRUE((*session)->query(Sql("SELECT 1")).has_value()) << "the second dead one was lent";
    EXPECT_TRUE(pool.reachable());
}

TEST_F(PoolTest, SaysThatTheServerCannotBeReached) {
    options.port = test::free_port();
    Pool pool("db", options, clock, registry);
    EXPECT_EQ(pool.acquire().error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(pool.acquire().error().kind, ErrorKind::Unavailable) << "a failed try gives its place back";
    EXPECT_EQ(pool.acquire().error().kind, ErrorKind::Unavailable);
    EXPECT_FALSE(pool.reachable());
}

TEST_F(PoolTest, ARefusalAfterTheServerOnceLetThemInMayPass) {
    const Options changing = MysqlServer::instance().user_of(options, "changing", "SELECT");
    Options wrong = changing;
    wrong.password = "wrong";
    Pool never("db", wrong, clock, registry);
    EXPECT_EQ(never.acquire().error().kind, ErrorKind::Denied) << "nothing will make this one right";

    Pool pool("db", changing, clock, registry);
    auto held = pool.acquire();
    ASSERT_TRUE(held.has_value()) << held.error().what;
    MysqlServer::instance().run("ALTER USER '" + changing.user + "'@'%' IDENTIFIED BY 'another'");
    auto refused = pool.acquire();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable);
    EXPECT_TRUE(refused.error().what.starts_with("1045 ")) << refused.error().what;
    MysqlServer::instance().run("ALTER USER '" + changing.user + "'@'%' IDENTIFIED BY '" + changing.password + "'");
    EXPECT_TRUE(pool.acquire().has_value());
}

}  // namespace
}  // namespace platform::mysql
