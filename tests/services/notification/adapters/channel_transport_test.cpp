#include "services/notification/adapters/channel_transport.hpp"

#include "shared/telemetry/log.hpp"
#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace platform::notification {
namespace {

class ListingTransport final : public Transport {
public:
    explicit ListingTransport(std::vector<std::string>& sent) : sent_(sent) {}
    std::expected<void, Obstacle> send(const Message& message) override {
        sent_.push_back(message.message_id);
        return {};
    }

private:
    std::vector<std::string>& sent_;
};

TEST(ChannelTransport, EachMessageGoesByTheTransportOfItsChannel) {
    log::configure("notification-service", log::Level::Info);
    std::vector<std::string> mails;
    ChannelTransport transport{std::make_unique<ListingTransport>(mails)};
    testing::internal::CaptureStderr();
    EXPECT_TRUE(transport.send(message_for("a")));
    EXPECT_TRUE(transport.send(by(kLog, message_for("b"))));
    EXPECT_NE(testing::internal::GetCapturedStderr().find(R"("message_id":"b")"), std::string::npos);
    EXPECT_EQ(mails, (std::vector<std::string>{"a"}));
}

TEST(ChannelTransport, AMailWaitsForAMailServer) {
    ChannelTransport transport{nullptr};
    const auto sent = transport.send(message_for("a"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().error.kind, ErrorKind::Unavailable);
    EXPECT_TRUE(sent.error().for_all);
}

}  // namespace
}  // namespace platform::notification
