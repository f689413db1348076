#include "services/order/app.hpp"

#include "tests/backends/child_process.hpp"
#include "tests/services/order/order_platform.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <thread>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

TEST_F(OrderServiceTest, AnOrderIsARowThenARecordThenNoOutboxRow) {
    start();
    const std::string order = place({{"X-Correlation-Id", "c-77"}});
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CREATED", order).size() == 1; }));
    const auto created = platform_.events_of("ORDER_CREATED", order).front();
    EXPECT_EQ(created.metadata.correlation_id, "c-77");
    EXPECT_EQ(platform_.records.front().key, order);
    EXPECT_TRUE(test::wait_until([&] { return platform_.number("SELECT COUNT(*) FROM outbox") == 0; }));
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders WHERE status = 'CREATED'"), 1);
}

TEST_F(OrderServiceTest, BothAnswersCompleteTheOrder) {
    start();
    const std::string order = place();
    const OrderId id = OrderId::parse(order).value();
    platform_.say(leg_event(id, 1, reserved()));
    platform_.say(leg_event(id, 2, paid()));
    ASSERT_TRUE(becomes(order, "COMPLETED"));
    const auto shown = json::parse(service_->get("/api/orders/" + order).body);
    std::set<std::string> steps;
    for (const auto& step : shown->find("steps")->items()) steps.insert(step.find("step")->text());
    EXPECT_EQ(
        steps,
        (std::set<std::string>{"ORDER_CREATED", "PAYMENT_COMPLETED", "INVENTORY_RESERVED", "ORDER_COMPLETED"})
    );
    EXPECT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_COMPLETED", order).size() == 1; }));
}

/// Orders whose answers come shuffled and twice: every one ends, and exactly one end of each is told.
TEST_F(OrderServiceTest, ShuffledAndRepeatedAnswersEndEveryOrderOnce) {
    start();
    std::mt19937 random(20261122);
    const std::vector<std::vector<events::Payload>> histories{
        {paid(), reserved()},
        {declined(), reserved(), released()},
        {paid(), out_of_stock(), refunded()},
        {declined(), out_of_stock()},
        {paid(), out_of_stock(), refund_failed(), refunded()},
    };
    constexpr std::size_t kOrders = 40;
    std::vector<events::Event> answers;
    int number = 0;
    for (std::size_t i = 0; i < kOrders; ++i) {
        const OrderId id = OrderId::parse(place()).value();
        for (const auto& payload : histories[i % histories.size()]) {
            const auto event = leg_event(id, ++number, payload);
            answers.insert(answers.end(), {event, event});
        }
    }
    std::ranges::shuffle(answers, random);
    for (const auto& event : answers) platform_.say(event);
    ASSERT_TRUE(test::wait_until([&] {
        return platform_.number("SELECT COUNT(*) FROM orders WHERE status <> 'CREATED'") ==
               static_cast<std::int64_t>(kOrders);
    }));
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders WHERE status = 'COMPLETED'"), 8);
    const auto ends = [&] {
        return platform_.events_of("ORDER_COMPLETED").size() + platform_.events_of("ORDER_CANCELLED").size();
    };
    EXPECT_TRUE(platform_.heard([&] { return ends() >= kOrders; }));
    EXPECT_TRUE(test::wait_until([&] { return platform_.number("SELECT COUNT(*) FROM outbox") == 0; }));
    EXPECT_FALSE(platform_.heard([&] { return ends() > kOrders; }, 300ms)) << "an end was told twice";
}

TEST_F(OrderServiceTest, BytesThatAreNoEventGoToTheDeadLettersAndTheTopicGoesOn) {
    start();
    const std::string order = place();
    const OrderId id = OrderId::parse(order).value();
    platform_.send("payment", order, "\xFF\xFE not an event");
    platform_.say(leg_event(id, 1, paid()));
    platform_.say(leg_event(id, 2, reserved()));
    ASSERT_TRUE(becomes(order, "COMPLETED"));
    const auto dead = [&] {
        return std::ranges::count_if(platform_.records, [](const kafka::Record& record) {
            return record.topic.ends_with(".DLT") && record.value == "\xFF\xFE not an event";
        });
    };
    EXPECT_TRUE(platform_.heard([&] { return dead() == 1; }));
}

TEST_F(OrderServiceTest, AStuckOrderIsAnnouncedAgainWithANewId) {
    start({{"ORDER_STUCK_AFTER", "100ms"}, {"ORDER_SWEEP_INTERVAL", "50ms"}});
    const std::string order = place();
    ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CREATED", order).size() >= 2; }));
    std::set<EventId> ids;
    for (const auto& event : platform_.events_of("ORDER_CREATED", order)) ids.insert(event.metadata.event_id);
    EXPECT_EQ(ids.size(), platform_.events_of("ORDER_CREATED", order).size());
}

/// Longer ago than any retention: the service takes it away at its start and from time to time, nobody has to.
TEST_F(OrderServiceTest, WhatIsPastItsRetentionGoesByItselfAndTheRestStays) {
    start();
    place({{"Idempotency-Key", "young"}});
    service_.reset();
    {
        auto session = mysql::Session::connect(platform_.database).value();
        for (const char* insert : {
                 "INSERT INTO inbox (consumer_group, event_id, handled_at) VALUES ('g', UUID_TO_BIN(UUID()), '2001-01-01')",
                 "INSERT INTO idempotency_keys (subject, idem_key, order_id, created_at) VALUES ('s', 'old', UUID_TO_BIN(UUID()), '2001-01-01')",
                 "INSERT INTO order_timeline (order_id, steps, recorded_at) VALUES (UUID_TO_BIN(UUID()), '[]', '2001-01-01')",
             }) {
            auto done = session->execute(mysql::Sql(insert));
            ASSERT_TRUE(done) << done.error().what;
        }
    }
    start();
    for (const char* old : {
             "SELECT COUNT(*) FROM inbox WHERE handled_at < '2001-01-02'",
             "SELECT COUNT(*) FROM idempotency_keys WHERE created_at < '2001-01-02'",
             "SELECT COUNT(*) FROM order_timeline WHERE recorded_at < '2001-01-02'",
         }) {
        EXPECT_TRUE(test::wait_until([&] { return platform_.number(old) == 0; })) << old;
    }
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM idempotency_keys"), 1);
}

TEST_F(OrderServiceTest, APowerFailureOfTheDatabaseLosesNoAcceptedOrder) {
    start();
    std::set<std::string> accepted;
    std::atomic<bool> killed{false};
    {
        const std::jthread client([&](const std::stop_token& stop) {
            http::Client http;
            while (!stop.stop_requested()) {
                auto request = post(std::string(kReferenceOrder));
                request.url = service_->url(request.url);
                const auto answer = http.send(request);
                if (answer && answer->status == 202) accepted.insert(member(*answer, "orderId"));
                if (killed && answer && answer->status == 202) return;
            }
        });
        ASSERT_TRUE(test::wait_until([&] { return platform_.number("SELECT COUNT(*) FROM orders") >= 20; }));
        test::MysqlServer::instance().kill();
        test::MysqlServer::instance().start();
        killed = true;
        ASSERT_TRUE(platform_.heard([&] { return platform_.events_of("ORDER_CREATED").size() >= 21; }));
    }
    std::string ids = "''";
    for (const std::string& order : accepted) ids += ",UUID_TO_BIN('" + order + "')";
    EXPECT_EQ(
        platform_.number("SELECT COUNT(*) FROM orders WHERE id IN (" + ids + ")"),
        static_cast<std::int64_t>(accepted.size())
    );
    EXPECT_GE(accepted.size(), 20U);
}

/// The program itself, as Kubernetes runs it.
class OrderProcessTest : public testing::Test {
protected:
    OrderProcessTest() : port_(test::free_port()) {
        platform_.environment["HTTP_PORT"] = std::to_string(port_);
    }
    void launch(std::vector<std::string> arguments = {}) {
        arguments.insert(arguments.begin(), ORDER_PROGRAM);
        process_.start({.arguments = arguments, .environment = platform_.environment, .log = log_});
    }
    std::string output() const {
        std::ifstream file(log_);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    Result<http::ClientResponse> send(http::Client& client, http::ClientRequest request) const {
        request.url = "http://127.0.0.1:" + std::to_string(port_) + request.url;
        return client.send(request);
    }
    bool becomes_ready() {
        http::Client client;
        http::ClientRequest request;
        request.url = "/actuator/health/readiness";
        return test::wait_until([&] {
            const auto answer = send(client, request);
            return answer && answer->status == 200;
        });
    }

    OrderPlatform platform_;
    std::uint16_t port_;
    test::TemporaryDirectory directory_{"order"};
    std::filesystem::path log_ = directory_.path() / "log";
    test::ChildProcess process_;
};

TEST_F(OrderProcessTest, SigtermAnswersWhatWasAskedAndEndsWell) {
    launch();
    ASSERT_TRUE(becomes_ready()) << output();
    std::atomic<int> accepted{0};
    std::atomic<int> unanswered{0};
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 4; ++i) {
            clients.emplace_back([&] {
                http::Client client;
                for (;;) {
                    const auto answer = send(client, post(std::string(kReferenceOrder)));
                    if (!answer) {
                        if (answer.error().outcome_unknown) ++unanswered;
                        return;
                    }
                    if (answer->status != 202) return;
                    ++accepted;
                }
            });
        }
        ASSERT_TRUE(test::wait_until([&] { return accepted >= 50; }));
        process_.signal(SIGTERM);
    }
    EXPECT_EQ(process_.wait(), 0) << output();
    EXPECT_EQ(unanswered, 0) << "a request was taken and not answered";
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM orders"), accepted.load());
    EXPECT_EQ(platform_.number("SELECT COUNT(*) FROM outbox WHERE claimed_until > NOW(6)"), 0)
        << "claims were kept";
}

TEST_F(OrderProcessTest, AWrongSettingIsOneLineAndExitCodeOne) {
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"HTTP_PORT", "99999"}, {"COMMITTERS", "x"}}) {
        SCOPED_TRACE(name);
        const std::string before = platform_.environment[name];
        platform_.environment[name] = value;
        std::filesystem::remove(log_);
        launch();
        EXPECT_EQ(process_.wait(), 1);
        EXPECT_EQ(std::ranges::count(output(), '\n'), 1) << output();
        EXPECT_NE(output().find(name), std::string::npos) << output();
        if (before.empty()) {
            platform_.environment.erase(name);
        } else {
            platform_.environment[name] = before;
        }
    }
}

TEST_F(OrderProcessTest, MigratesThenServesWithoutTheRightToChangeTables) {
    const auto rights =
        test::MysqlServer::instance().user_of(platform_.database, "dml", "SELECT, INSERT, UPDATE, DELETE");
    platform_.environment["MIGRATE_ON_START"] = "false";
    platform_.environment["MYSQL_DDL_USER"] = platform_.database.user;
    platform_.environment["MYSQL_DDL_PASSWORD"] = platform_.database.password;
    platform_.environment["MYSQL_USER"] = rights.user;
    platform_.environment["MYSQL_PASSWORD"] = rights.password;
    launch();
    EXPECT_EQ(process_.wait(), 1) << "there are no tables yet";
    launch({"--migrate"});
    ASSERT_EQ(process_.wait(), 0) << output();
    launch();
    ASSERT_TRUE(becomes_ready()) << output();
    http::Client client;
    const auto answer = send(client, post(std::string(kReferenceOrder)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202) << answer->body;
    process_.stop();
}

}  // namespace
}  // namespace platform::order
