#pragma once
#include "services/notification/adapters/log_transport.hpp"
#include "services/notification/domain/transport.hpp"
#include "shared/tracing/tracer.hpp"

#include <memory>

namespace platform::notification {

/// Each message by the transport of its channel. A mail without a mail server (the setting was there when it was stored) waits for one. One thread.
class ChannelTransport final : public Transport {
public:
    /// `mail` may be null: there is no mail server. So may `tracer`, which gives each message a span.
    explicit ChannelTransport(std::unique_ptr<Transport> mail, const tracing::Tracer* tracer = nullptr);
    [[nodiscard]] std::expected<void, Obstacle> send(const Message& message) override;

private:
    std::unique_ptr<Transport> mail_;
    const tracing::Tracer* tracer_;
    LogTransport log_;
};

}  // namespace platform::notification
