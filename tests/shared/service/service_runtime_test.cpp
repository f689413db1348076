#include "shared/service/service_runtime.hpp"

#include "shared/outbox/outbox.hpp"
#include "tests/backends/certificates.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/service/live_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace platform::service {
namespace {

using namespace std::chrono_literals;
using Stage = Runtime::Stage;

/// Remembers in which order things happened. Thread-safe.
class Diary {
public:
    void note(const std::string& what) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(what);
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;  // guarded by mutex_
};

class RuntimeTest : public testing::Test {
protected:
    Program program(Program::Wire wire) {
        return {
            .defaults = {.name = "test-service", .http_port = 0, .database = "none"},
            .configure =
                [wire = std::move(wire)](config::Reader&) {
                    return Program::Parts{
                        .schema =
                            {.migrations =
                                 {{.version = 1, .name = "tables", .statements = outbox::table_statements()}},
                             .seed = {}},
                        .wire = wire
                    };
                },
        };
    }
    mysql::Options database_ = test::MysqlServer::instance().fresh_database();
    std::map<std::string, std::string> environment_ =
        test::service_environment(database_, test::KafkaBroker::instance().bootstrap_servers());
    Diary diary_;
};

TEST_F(RuntimeTest, AnswersProbesAtOnceAndBecomesReadyWithTheDatabase) {
    test::MysqlServer::instance().kill();
    std::atomic<bool> worked{false};
    test::LiveService service(
        program([&](Runtime& runtime) {
            (void)runtime.work("worker", Stage::Background, [&](Instant) {
                worked = true;
                return Duration(1h);
            });
            return std::shared_ptr<void>{};
        }),
        environment_
    );
    EXPECT_EQ(service.get("/actuator/health/liveness").status, 200);
    EXPECT_EQ(service.get("/actuator/health/readiness").status, 503);
    EXPECT_EQ(service.get("/actuator/health").status, 503);
    EXPECT_FALSE(worked) << "nothing works without its database";
    test::MysqlServer::instance().start();
    ASSERT_TRUE(test::wait_until([&] { return service.ready(); }));
    EXPECT_TRUE(test::wait_until([&] { return worked.load(); }));
    EXPECT_EQ(service.get("/actuator/health/readiness").status, 200);
    EXPECT_EQ(service.get("/actuator/health").status, 200);
    EXPECT_NE(
        service.get("/actuator/prometheus").body.find("application=\"test-service\""), std::string::npos
    );
}

TEST_F(RuntimeTest, TellsHowLongTheAuthoritiesOfItsServersAreGood) {
    const test::Authority authority;
    environment_["MYSQL_TLS"] = "required-verified";
    environment_["KAFKA_SECURITY_PROTOCOL"] = "SSL";
    environment_["MYSQL_TLS_CA"] = environment_["KAFKA_TLS_CA"] = authority.ca();
    test::LiveService service(program([](Runtime&) { return std::shared_ptr<void>{}; }), environment_);
    const std::string told = service.get("/actuator/prometheus").body;
    constexpr double kTwoDays = 2 * 24 * 3600;
    for (const std::string bundle : {"kafka", "mysql"}) {
        const std::string series = "\nssl_chain_expiry_seconds{application=\"test-service\",bundle=\"" + bundle + "\"} ";
        const auto at = told.find(series);
        ASSERT_NE(at, std::string::npos) << bundle;
        EXPECT_NEAR(std::stod(told.substr(at + series.size())), kTwoDays, 600) << bundle;
    }
}

TEST_F(RuntimeTest, WhatIsMountedOnTheManagementPortIsNotOnTheApi) {
    test::LiveService service(
        program([](Runtime& runtime) {
            runtime.management().route("POST", "/admin", [](const http::Request&, http::Responder responder) {
                responder.send(http::Response{.status = 204, .body = "", .headers = {}});
            });
            return std::shared_ptr<void>{};
        }),
        environment_
    );
    const auto post = [&](std::string url) {
        return service.send({.method = "POST", .url = std::move(url), .headers = {}, .body = {}}).status;
    };
    EXPECT_EQ(post(service.management_url("/admin")), 204);
    EXPECT_EQ(post("/admin"), 404);
}

/// Between two looks at old rows lie minutes; more than a page of them goes a page after the other, faster than events come.
TEST_F(RuntimeTest, OldInboxRowsGoPageAfterPage) {
    const auto wire = [](Runtime&) { return std::shared_ptr<void>{}; };
    {
        test::LiveService service(program(wire), environment_);
        ASSERT_TRUE(test::wait_until([&] { return service.ready(); }));
    }
    auto session = mysql::Session::connect(database_).value();
    const auto inserted = session->execute(mysql::Sql(
        "INSERT INTO inbox (consumer_group, event_id, handled_at) "
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 80) "
        "SELECT 'g', UUID_TO_BIN(UUID()), IF(a.n = 1, CURRENT_TIMESTAMP(6), '2001-01-01') FROM numbers AS a, numbers AS b"
    ));
    ASSERT_TRUE(inserted) << inserted.error().what;
    const auto rows = [&] { return session->query(mysql::Sql("SELECT COUNT(*) FROM inbox"))->front().integer(0); };
    ASSERT_EQ(rows(), 6400);
    test::LiveService service(program(wire), environment_);
    EXPECT_TRUE(test::wait_until([&] { return rows() == 80; })) << rows() << " rows are left";
}

TEST_F(RuntimeTest, ARequestThatIsBeingWorkedOnIsAnsweredBeforeTheStop) {
    std::promise<void> taken;
    http::Responder waiting;
    test::LiveService service(
        program([&](Runtime& runtime) {
            runtime.http().route("GET", "/slow", [&](const http::Request&, http::Responder responder) {
                waiting = std::move(responder);
                taken.set_value();
            });
            runtime.on_drained([&] { diary_.note("drained"); });
            return std::shared_ptr<void>{};
        }),
        environment_
    );
    ASSERT_TRUE(test::wait_until([&] { return service.ready(); }));
    auto answer = std::async(std::launch::async, [url = service.url("/slow")] {
        http::Client client;
        http::ClientRequest request;
        request.url = url;
        return client.send(request);
    });
    taken.get_future().get();
    const std::jthread finisher([&] {
        (void)test::wait_until([&] { return !service.ready(); });
        diary_.note("answered");
        waiting.send(http::Response{.body = "{}", .headers = {}});
    });
    service.stop();
    const auto got = answer.get();
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(diary_.lines(), (std::vector<std::string>{"answered", "drained"}));
}

}  // namespace
}  // namespace platform::service
