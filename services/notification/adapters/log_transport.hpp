#pragma once
#include "services/notification/domain/transport.hpp"

namespace platform::notification {

/// Writes messages to the log; for evaluation. The body stays out: it may hold personal data. Never fails. Thread-safe.
class LogTransport final : public Transport {
public:
    void write(const Message& message);
    [[nodiscard]] std::expected<void, Obstacle> send(const Message& message) override;
};

}  // namespace platform::notification
