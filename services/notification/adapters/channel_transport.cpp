#include "services/notification/adapters/channel_transport.hpp"

#include "services/notification/adapters/send_span.hpp"

#include <utility>

namespace platform::notification {

ChannelTransport::ChannelTransport(std::unique_ptr<Transport> mail, const tracing::Tracer* tracer)
    : mail_(std::move(mail)), tracer_(tracer) {}

std::expected<void, Obstacle> ChannelTransport::send(const Message& message) {
    if (message.channel == kLog) return log_.send(message);
    if (mail_) {
        tracing::Span span = send_span(tracer_, message);
        auto sent = mail_->send(message);
        if (!sent) span.fail(sent.error().error.what);
        return sent;
    }
    return std::unexpected(Obstacle{
        .error = {.kind = ErrorKind::Unavailable, .what = "there is no mail server; SMTP_URL names one"}, .for_all = true
    });
}

}  // namespace platform::notification
