#include "shared/service/dead_letter_endpoints.hpp"

#include "shared/mysql/session.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/services/kafka_topics.hpp"
#include "tests/services/running_service.hpp"
#include "tests/shared/service/effects_service.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::service {
namespace {

using namespace std::chrono_literals;

class DeadLetterEndpointsTest : public testing::Test {
protected:
    std::int64_t number(const std::string& query) {
        auto session = mysql::Session::connect(database_);
        auto rows = session ? (*session)->query(mysql::Sql(query)) : Result<mysql::Rows>(fail(session.error()));
        EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().what);
        return rows ? rows->front().integer(0) : -1;
    }
    test::Settings settings() {
        auto all = topics_.settings();
        all["KAFKA_GROUP"] = test::KafkaBroker::instance().fresh_name("effects");
        return all;
    }
    http::ClientResponse redrive(const std::string& body = "") {
        http::ClientRequest request;
        request.method = "POST";
        request.url = service_.management_url("/actuator/deadletters/redrive");
        request.body = body;
        request.timeout = 25s;
        return service_.send(std::move(request));
    }
    /// Until so many letters wait for a redrive.
    bool are_waiting(const std::string& count) {
        return test::wait_until([&] { return waiting() == count; }, 60s);
    }
    std::string waiting() { return test::member(service_.get("/actuator/deadletters").body, "waiting"); }

    test::Troubles troubles_;
    const mysql::Options database_ = test::MysqlServer::instance().fresh_database();
    test::KafkaTopics topics_;
    test::RunningService service_{test::effects_program(topics_.payment, troubles_), database_, settings()};
};

TEST_F(DeadLetterEndpointsTest, WhatWasDeadLetteredIsRedrivenOnceTheProgramIsRepairedAndAppliedOnce) {
    EXPECT_EQ(waiting(), "0");
    troubles_.refuse_voided = true;
    topics_.send(topics_.payment, test::voided_event("one"));
    topics_.send(topics_.payment, "a key", "no event at all");
    ASSERT_TRUE(are_waiting("2"));
    EXPECT_EQ(number("SELECT COUNT(*) FROM effects"), 0);

    troubles_.refuse_voided = false;
    const auto answer = redrive();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(test::member(answer.body, "redriven"), "2");
    EXPECT_TRUE(test::wait_until([&] { return number("SELECT COUNT(*) FROM effects") == 1; }));
    // What can never be applied has come back as a new letter; it waits for the next run, this one did not loop.
    ASSERT_TRUE(are_waiting("1"));

    EXPECT_EQ(test::member(redrive(R"({"limit":1,"key":"another"})").body, "redriven"), "0");
    EXPECT_EQ(test::member(redrive().body, "redriven"), "1");
    ASSERT_TRUE(are_waiting("1")) << "the poison, once more";
    EXPECT_EQ(number("SELECT COUNT(*) FROM effects"), 1) << "the event was not sent again, or had no effect";
}

TEST_F(DeadLetterEndpointsTest, ARedriveIsNotOnThePublicPortAndItsOrderIsStrict) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = "/actuator/deadletters/redrive";
    EXPECT_EQ(service_.send(std::move(request)).status, 404);
    for (const char* bad :
         {"[]", "{", R"({"limit":0})", R"({"limit":1.5})", R"({"partition":-1})", R"({"topic":1})", R"({"unknown":1})"}) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(redrive(bad).status, 400);
    }
}

}  // namespace
}  // namespace platform::service
