#include "shared/mysql/session.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"
#include "tests/services/kafka_topics.hpp"
#include "tests/services/running_service.hpp"
#include "tests/shared/service/effects_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace platform::service {
namespace {

using namespace std::chrono_literals;

/// Members of one group on real servers, while events keep coming.
class RollingRestartTest : public testing::Test {
protected:
    std::int64_t number(const std::string& query) {
        auto session = mysql::Session::connect(database_);
        auto rows = session ? (*session)->query(mysql::Sql(query)) : Result<mysql::Rows>(fail(session.error()));
        EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().what);
        return rows ? rows->front().integer(0) : -1;
    }
    std::unique_ptr<test::RunningService> member(const std::string& name) {
        auto settings = topics_.settings();
        settings["KAFKA_GROUP"] = group_;
        settings["INSTANCE_ID"] = name;
        return std::make_unique<test::RunningService>(
            test::effects_program(topics_.payment, troubles_), database_, std::move(settings)
        );
    }
    /// Until `events` more ones had their effect: the load runs on, so nobody waits for an idle moment.
    bool progress(std::int64_t events) {
        const auto before = number("SELECT COUNT(*) FROM effects");
        return test::wait_until([&] { return number("SELECT COUNT(*) FROM effects") >= before + events; }, 60s);
    }

    test::Troubles troubles_;
    const mysql::Options database_ = test::MysqlServer::instance().fresh_database();
    test::KafkaTopics topics_;
    const std::string group_ = test::KafkaBroker::instance().fresh_name("effects");
};

TEST_F(RollingRestartTest, EveryEventHasOneEffectWhileMembersComeGoAndAreReplaced) {
    auto first = member("pod-0");
    ASSERT_TRUE(test::wait_until([&] { return first->ready(); }, 60s));
    std::atomic<int> sent{0};
    std::jthread load([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            for (int i = 0; i < 20; ++i) topics_.send(topics_.payment, test::voided_event(std::to_string(sent++)));
            std::this_thread::yield();
            (void)test::wait_until([&] { return stop.stop_requested(); }, 10ms);  // some 2,000 events a second
        }
    });
    ASSERT_TRUE(progress(500));
    auto second = member("pod-1");  // a rebalance under load
    ASSERT_TRUE(progress(500));
    first->stop();  // leaves the group at once
    first.reset();
    ASSERT_TRUE(progress(500));
    first = member("pod-0");
    ASSERT_TRUE(progress(500));
    second->stop();
    second = member("pod-1");
    ASSERT_TRUE(progress(500));
    load.request_stop();
    load.join();

    EXPECT_TRUE(test::wait_until([&] { return number("SELECT COUNT(*) FROM effects") >= sent; }, 60s));
    EXPECT_EQ(number("SELECT COUNT(*) FROM effects"), sent) << "nothing twice";
    EXPECT_EQ(number("SELECT COUNT(DISTINCT event_id) FROM effects"), sent) << "nothing lost";
}

TEST_F(RollingRestartTest, AnOutageLongerThanManyTriesEndsWithEveryEventAppliedAndNoDeadLetter) {
    auto one = member("pod-0");
    ASSERT_TRUE(test::wait_until([&] { return one->ready(); }, 60s));
    troubles_.unavailable = true;
    for (int i = 0; i < 100; ++i) topics_.send(topics_.payment, test::voided_event(std::to_string(i)));
    ASSERT_TRUE(test::wait_until(
        [&] { return test::member(one->get("/actuator/health").body, "status") == "DOWN"; }, 60s
    )) << "three tries in a row failed, and an operator sees it";
    EXPECT_EQ(number("SELECT COUNT(*) FROM effects"), 0);
    troubles_.unavailable = false;
    EXPECT_TRUE(test::wait_until([&] { return number("SELECT COUNT(*) FROM effects") == 100; }, 60s));
    EXPECT_TRUE(test::wait_until(
        [&] { return test::member(one->get("/actuator/health").body, "status") == "UP"; }, 60s
    ));
    EXPECT_EQ(test::member(one->get("/actuator/deadletters").body, "waiting"), "0");
}

}  // namespace
}  // namespace platform::service
