#pragma once
#include "services/notification/adapters/log_transport.hpp"
#include "services/notification/domain/transport.hpp"

#include <memory>

namespace platform::notification {

/// Each message by the transport of its channel. A mail without a mail server (the setting was there when it was stored) waits for one. One thread.
class ChannelTransport final : public Transport {
public:
    /// `mail` may be null: there is no mail server.
    explicit ChannelTransport(std::unique_ptr<Transport> mail);
    [[nodiscard]] std::expected<void, Obstacle> send(const Message& message) override;

private:
    std::unique_ptr<Transport> mail_;
    LogTransport log_;
};

}  // namespace platform::notification
