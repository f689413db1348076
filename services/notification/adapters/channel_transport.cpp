#include "services/notification/adapters/channel_transport.hpp"

#include <utility>

namespace platform::notification {

ChannelTransport::ChannelTransport(std::unique_ptr<Transport> mail) : mail_(std::move(mail)) {}

std::expected<void, Obstacle> ChannelTransport::send(const Message& message) {
    if (message.channel == kLog) return log_.send(message);
    if (mail_) return mail_->send(message);
    return std::unexpected(Obstacle{
        .error = {.kind = ErrorKind::Unavailable, .what = "there is no mail server; SMTP_URL names one"}, .for_all = true
    });
}

}  // namespace platform::notification
