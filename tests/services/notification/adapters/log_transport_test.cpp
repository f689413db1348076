#include "services/notification/adapters/log_transport.hpp"

#include "shared/core/json.hpp"
#include "shared/telemetry/log.hpp"
#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

TEST(LogTransport, WritesOneLineWithoutPersonalData) {
    log::configure("notification-service", log::Level::Info);
    auto message = message_for("a");
    message.recipient = "somebody@example.org";
    LogTransport transport;
    testing::internal::CaptureStderr();
    const auto sent = transport.send(message);
    const std::string written = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(sent);
    const auto line = json::parse(written);
    ASSERT_TRUE(line.has_value()) << written;
    EXPECT_EQ(line->find("order_id")->text(), message.order_id.text());
    EXPECT_EQ(line->find("kind")->text(), message.kind);
    EXPECT_EQ(line->find("message_id")->text(), message.message_id);
    EXPECT_EQ(line->find("correlation_id")->text(), message.correlation_id);
    EXPECT_EQ(written.find("somebody"), std::string::npos);
    EXPECT_EQ(written.find(message.body), std::string::npos);
}

}  // namespace
}  // namespace platform::notification
