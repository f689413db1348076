#include "shared/http/logger_endpoints.hpp"

#include "shared/telemetry/log.hpp"
#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::http::test {
namespace {

class LoggerEndpointsTest : public testing::Test {
protected:
    LoggerEndpointsTest() {
        log::set_threshold(log::Level::Warn);
        declare_logger_reads(api);
        declare_logger_reads(management);
        declare_logger_writes(management);
        api.start();
        management.start();
    }
    ~LoggerEndpointsTest() override {
        api.stop();
        management.stop();
        log::set_threshold(before_);
    }
    RawAnswer read(const std::string& path) const { return RawClient(api.port()).ask(get(path)); }
    static RawAnswer write(const Server& server, const std::string& body, const std::string& name = "ROOT") {
        return RawClient(server.port()).ask(post("/actuator/loggers/" + name, body));
    }

    const log::Level before_ = log::threshold();
    SystemClock clock;
    metrics::Registry registry{"order"};
    Server api{{.host = "127.0.0.1"}, clock, registry};
    Server management{{.host = "127.0.0.1"}, clock, registry};
};

TEST_F(LoggerEndpointsTest, ReadsHaveTheShapesOfTheOriginal) {
    EXPECT_EQ(
        read("/actuator/loggers").body,
        R"({"levels":["ERROR","WARN","INFO","DEBUG"],"loggers":{"ROOT":{"configuredLevel":"WARN","effectiveLevel":"WARN"}},"groups":{}})"
    );
    EXPECT_EQ(read("/actuator/loggers/ROOT").body, R"({"configuredLevel":"WARN","effectiveLevel":"WARN"})");
    EXPECT_EQ(read("/actuator/loggers/platform").status, 404);
}

TEST_F(LoggerEndpointsTest, ALevelIsChangedOnTheManagementPortAlone) {
    for (const auto& [name, level] :
         {std::pair{"DEBUG", log::Level::Debug}, std::pair{"INFO", log::Level::Info}, std::pair{"error", log::Level::Error},
          std::pair{"Warn", log::Level::Warn}}) {
        const RawAnswer answer = write(management, R"({"configuredLevel":")" + std::string(name) + "\"}");
        EXPECT_EQ(answer.status, 204) << name;
        EXPECT_EQ(log::threshold(), level) << name;
    }
    EXPECT_EQ(write(api, R"({"configuredLevel":"DEBUG"})").status, 405);
    EXPECT_EQ(log::threshold(), log::Level::Warn);
}

TEST_F(LoggerEndpointsTest, WithoutALevelThatOfTheStartComesBack) {
    for (const char* body : {"{}", R"({"configuredLevel":null})"}) {
        log::set_threshold(log::Level::Debug);
        EXPECT_EQ(write(management, body).status, 204) << body;
        EXPECT_EQ(log::threshold(), log::Level::Warn) << body;
    }
}

TEST_F(LoggerEndpointsTest, WhatIsNotUnderstoodChangesNothing) {
    for (const char* body : {"", "[]", "DEBUG", R"({"configuredLevel":"LOUD"})", R"({"configuredLevel":"OFF"})", R"({"configuredLevel":1})",
                             R"({"level":"DEBUG"})", R"({"configuredLevel":"DEBUG","more":1})"}) {
        const RawAnswer answer = write(management, body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json") << body;
    }
    EXPECT_EQ(write(management, R"({"configuredLevel":"DEBUG"})", "platform").status, 404);
    EXPECT_EQ(log::threshold(), log::Level::Warn);
}

TEST_F(LoggerEndpointsTest, TheChangeIsToldInTheLog) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(write(management, R"({"configuredLevel":"ERROR"})").status, 204);
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find(R"("message":"the log level was set by hand","from":"WARN","to":"ERROR")"), std::string::npos) << told;
}

}  // namespace
}  // namespace platform::http::test
