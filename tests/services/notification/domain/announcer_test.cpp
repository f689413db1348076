#include "services/notification/domain/announcer.hpp"

#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <variant>

namespace platform::notification {
namespace {

class AnnouncerTest : public testing::Test {
protected:
    [[nodiscard]] bool counted(const std::string& sample) const { return registry_.scrape().find(sample) != std::string::npos; }

    FakeClock clock_;
    UuidGenerator ids_{clock_, 3};
    metrics::Registry registry_{"test"};
    const Message mail_ = message_for("a");
    const Message line_ = by(kLog, message_for("b"));
};

TEST_F(AnnouncerTest, TellsAndCountsWhatWasSent) {
    Announcer announcer{{}, clock_, ids_, registry_};
    auto traced = mail_;
    traced.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const auto told = announcer.sent(std::array{traced, line_});
    ASSERT_EQ(told.size(), 2U);
    const auto& sent = std::get<events::NotificationSent>(told[1].payload);
    EXPECT_EQ(sent.kind, "order-completed");
    EXPECT_EQ(sent.channel, "log");
    EXPECT_EQ(told[1].order_id, line_.order_id);
    EXPECT_EQ(told[1].metadata.correlation_id, "correlation-1");
    EXPECT_EQ(told[0].metadata.traceparent, traced.traceparent);
    EXPECT_NE(told[0].metadata.event_id, told[1].metadata.event_id);
    EXPECT_TRUE(events::decode(events::encode(told[0])));
    EXPECT_TRUE(counted("notification_sent_total{application=\"test\",channel=\"email\"} 1")) << registry_.scrape();
    EXPECT_TRUE(counted("notification_sent_total{application=\"test\",channel=\"log\"} 1"));
}

TEST_F(AnnouncerTest, TellsAndCountsWhatIsGivenUp) {
    Announcer announcer{{}, clock_, ids_, registry_};
    const auto told = announcer.failed(mail_, "invalid");
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(std::get<events::NotificationFailed>(told[0].payload).reason, "invalid");
    EXPECT_TRUE(counted("notification_failed_total{application=\"test\",channel=\"email\"} 1"));
}

TEST_F(AnnouncerTest, WithoutEventsItOnlyCounts) {
    Announcer announcer{{.emit_events = false}, clock_, ids_, registry_};
    EXPECT_TRUE(announcer.sent(std::array{mail_}).empty());
    EXPECT_TRUE(announcer.failed(mail_, "invalid").empty());
    EXPECT_TRUE(counted("notification_sent_total{application=\"test\",channel=\"email\"} 1"));
}

}  // namespace
}  // namespace platform::notification
